import { DraftError } from '../../errors/draft-error.js';

/** A place on the Hugging Face Hub. */
export interface HubReference {
  /** `organisation/name`. */
  readonly repo: string;
  /** A branch, a tag or a commit; it may hold slashes. */
  readonly revision: string;
  /** A file or a folder in the repository; null is the whole. */
  readonly path: string | null;
}

const pattern = /^hf:([^/@]+\/[^/@]+)(?:@(refs\/[^/]+\/[^/]+|[^/]+))?(?:\/(.+))?$/;
const name = /^[A-Za-z0-9](?:[\w.-]*\w)?$/;
const part = /^[\w.+ ()-]+$/;
/** What the Hub itself keeps under `refs`: pull requests and conversions. */
const reserved = /^refs\/(pr\/\d+|convert\/[\w.-]+)$/;

/** Whether a text wants to be a reference to the Hub. */
export const isHubReference = (text: string): boolean => text.startsWith('hf:');

const safe = (segment: string): boolean => part.test(segment) && segment !== '.' && segment !== '..';

/** A revision as it is written: slashes stand as they are in the Hub's own names, and as `%2F` in all others. */
function parseRevision(text: string): string | undefined {
  const revision = text.replaceAll(/%2f/gi, '/');
  // An unknown name under `refs` is more likely a mistake than a revision that is called `refs`.
  if (revision === 'refs' || (text.startsWith('refs/') && !reserved.test(revision))) return undefined;
  return revision.split('/').every(safe) ? revision : undefined;
}

/**
 * Reads `hf:org/name[@revision][/path]`. A revision ends at the first slash, but for `refs/pr/N` and `refs/convert/NAME`; a
 * slash within any other is written `%2F`.
 * @throws DraftError `DRAFT_REFERENCE_INVALID`.
 */
export function parseHubReference(text: string): HubReference {
  const [, repo = '', written = 'main', path = null] = pattern.exec(text) ?? [];
  const revision = parseRevision(written);
  const parts = path?.split('/') ?? [];
  if (!repo.split('/').every((piece) => name.test(piece)) || revision === undefined || !parts.every(safe)) {
    throw new DraftError(
      'DRAFT_REFERENCE_INVALID',
      `${JSON.stringify(text)} is no reference to the Hugging Face Hub: hf:org/name, hf:org/name@revision or ` +
        'hf:org/name@revision/path/of/file is needed, where a slash within a revision is written %2F, as in ' +
        '@feature%2Fx, except in refs/pr/1 and refs/convert/parquet.',
    );
  }
  return { repo, revision, path };
}

const writtenRevision = (revision: string): string =>
  reserved.test(revision) ? revision : revision.replaceAll('/', '%2F');

/** The reference of a file, as users write it. */
export const hubName = ({ repo, revision }: Omit<HubReference, 'path'>, path?: string | null): string =>
  `hf:${repo}${revision === 'main' ? '' : `@${writtenRevision(revision)}`}${path ? `/${path}` : ''}`;
