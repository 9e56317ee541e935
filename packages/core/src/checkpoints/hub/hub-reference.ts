import { DraftError } from '../../errors/draft-error.js';

/** A place on the Hugging Face Hub. */
export interface HubReference {
  /** `organisation/name`. */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** A file or a folder in the repository; null is the whole. */
  readonly path: string | null;
}

const pattern = /^hf:([^/@]+\/[^/@]+)(?:@([^/]+))?(?:\/(.+))?$/;
const name = /^[A-Za-z0-9](?:[\w.-]*\w)?$/;
const part = /^[\w.+ ()-]+$/;

/** Whether a text wants to be a reference to the Hub. */
export const isHubReference = (text: string): boolean => text.startsWith('hf:');

/**
 * Reads `hf:org/name[@revision][/path]`.
 * @throws DraftError `DRAFT_REFERENCE_INVALID`.
 */
export function parseHubReference(text: string): HubReference {
  const [, repo = '', revision = 'main', path = null] = pattern.exec(text) ?? [];
  const safe = (segment: string) => part.test(segment) && segment !== '.' && segment !== '..';
  const parts = path?.split('/') ?? [];
  if (!repo.split('/').every((piece) => name.test(piece)) || !safe(revision) || !parts.every(safe)) {
    throw new DraftError(
      'DRAFT_REFERENCE_INVALID',
      `${JSON.stringify(text)} is no reference to the Hugging Face Hub: hf:org/name, hf:org/name@revision or ` +
        'hf:org/name@revision/path/of/file is needed.',
    );
  }
  return { repo, revision, path };
}

/** The reference of a file, as users write it. */
export const hubName = ({ repo, revision }: Omit<HubReference, 'path'>, path?: string | null): string =>
  `hf:${repo}${revision === 'main' ? '' : `@${revision}`}${path ? `/${path}` : ''}`;
