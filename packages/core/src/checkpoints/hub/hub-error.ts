import { DraftError } from '../../errors/draft-error.js';
import { type HubReference, hubName } from './hub-reference.js';

/** What is wanted of the Hub, for messages. */
export interface HubWish extends Omit<HubReference, 'path'> {
  readonly path: string | null;
  readonly endpoint: string;
  /** What no message repeats, wherever it has come from. */
  readonly secret: string | undefined;
}

const statusOf = (cause: unknown): number | undefined => {
  const status = (cause as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
};

/** Whether the Hub answered, as opposed to a network that does not work. */
export const isAnswer = (cause: unknown): boolean => statusOf(cause) !== undefined;

const words = new WeakMap<Error, string>();

/** An error in words of our own, which a message may repeat. */
export const badAnswer = (what: string): Error => {
  const error = new Error(what);
  words.set(error, what);
  return error;
};

/** The system's name for what went wrong with a connection, such as `ECONNREFUSED`. */
const codeOf = (cause: unknown): string | undefined => {
  const code = (cause as { cause?: { code?: unknown } } | null)?.cause?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? code : undefined;
};

/**
 * Why something of the Hub cannot be had, with the repository and the file: `DRAFT_HUB_NOT_FOUND`,
 * `DRAFT_HUB_FORBIDDEN`, `DRAFT_HUB_FAILED`. The cause is left out, and so are its words, as both may repeat what was
 * sent.
 */
export function hubError(cause: unknown, wish: HubWish): DraftError {
  if (DraftError.is(cause)) return cause;
  const { code, message } = explain(cause, wish);
  return new DraftError(code, wish.secret ? message.replaceAll(wish.secret, '(HF_TOKEN)') : message);
}

function explain(cause: unknown, wish: HubWish): Pick<DraftError, 'code' | 'message'> {
  const as = (code: string, message: string) => ({ code, message });
  const name = hubName(wish, wish.path);
  const page = `${wish.endpoint}/${wish.repo}`;
  const status = statusOf(cause);
  if (status === 404) {
    return as(
      'DRAFT_HUB_NOT_FOUND',
      `${name} cannot be had: ${page} has no repository ${wish.repo} with a revision ${wish.revision}${
        wish.secret ? '' : ', or it is private and HF_TOKEN is not set'
      }${wish.revision !== 'main' && wish.path ? '; a slash within a revision is written %2F' : ''}.`,
    );
  }
  if (status === 401 || status === 403) {
    return as(
      'DRAFT_HUB_FORBIDDEN',
      `${name} cannot be had: ${page} asks for permission (${status}). Accept its conditions there and ${
        wish.secret ? 'check that HF_TOKEN may read it' : 'set HF_TOKEN'
      }.`,
    );
  }
  const error = cause instanceof Error ? cause : undefined;
  if (error?.name === 'AbortError')
    return as('DRAFT_INTERRUPTED', `The download of ${name} was interrupted.`);
  const own = error && words.get(error);
  const why = status
    ? `answered ${status}`
    : `cannot be reached (${codeOf(cause) ?? own ?? 'no answer that can be read'})`;
  return as(
    'DRAFT_HUB_FAILED',
    `${name} cannot be had: ${wish.endpoint} ${why}. Try again; what has arrived is kept. Or download the file by ` +
      'other means and give its path.',
  );
}
