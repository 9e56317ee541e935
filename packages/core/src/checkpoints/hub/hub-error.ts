import { DraftError } from '../../errors/draft-error.js';
import { type HubReference, hubName } from './hub-reference.js';

/** What is wanted of the Hub, for messages. */
export interface HubWish extends Omit<HubReference, 'path'> {
  readonly path: string | null;
  readonly endpoint: string;
  readonly hasToken: boolean;
}

const statusOf = (cause: unknown): number | undefined => {
  const status = (cause as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
};

/** Whether the Hub answered, as opposed to a network that does not work. */
export const isAnswer = (cause: unknown): boolean => statusOf(cause) !== undefined;

/**
 * Why something of the Hub cannot be had, with the repository and the file: `DRAFT_HUB_NOT_FOUND`,
 * `DRAFT_HUB_FORBIDDEN`, `DRAFT_HUB_FAILED`. The cause is left out, as it may repeat what was sent.
 */
export function hubError(cause: unknown, wish: HubWish): DraftError {
  if (DraftError.is(cause)) return cause;
  const name = hubName(wish, wish.path);
  const page = `${wish.endpoint}/${wish.repo}`;
  const status = statusOf(cause);
  if (status === 404) {
    return new DraftError(
      'DRAFT_HUB_NOT_FOUND',
      `${name} cannot be had: ${page} has no repository ${wish.repo} with a revision ${wish.revision}${
        wish.hasToken ? '' : ', or it is private and HF_TOKEN is not set'
      }.`,
    );
  }
  if (status === 401 || status === 403) {
    return new DraftError(
      'DRAFT_HUB_FORBIDDEN',
      `${name} cannot be had: ${page} asks for permission (${status}). Accept its conditions there and ${
        wish.hasToken ? 'check that HF_TOKEN may read it' : 'set HF_TOKEN'
      }.`,
    );
  }
  const { name: kind, message } = cause instanceof Error ? cause : { name: '', message: '' };
  if (kind === 'AbortError')
    return new DraftError('DRAFT_INTERRUPTED', `The download of ${name} was interrupted.`);
  const code = (cause as { cause?: { code?: unknown } } | null)?.cause?.code;
  const why = status
    ? `answered ${status}`
    : `cannot be reached (${typeof code === 'string' ? code : message || 'no answer'})`;
  return new DraftError(
    'DRAFT_HUB_FAILED',
    `${name} cannot be had: ${wish.endpoint} ${why}. Try again; what has arrived is kept. Or download the file by ` +
      'other means and give its path.',
  );
}
