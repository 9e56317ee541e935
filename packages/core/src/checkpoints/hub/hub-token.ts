import { DraftError } from '../../errors/draft-error.js';

/** What every token of the Hub is made of, and what may stand in the header that carries it. */
const pattern = /^hf_[\x21-\x7e]+$/;

/**
 * Reads `HF_TOKEN`, before it is sent: a header refuses what it may not hold with a message that repeats it.
 * @returns Undefined where none is set.
 * @throws DraftError `DRAFT_TOKEN_INVALID`, which says nothing of the value.
 */
export function parseHubToken(value: string | undefined): string | undefined {
  const token = value?.trim();
  if (!token) return undefined;
  if (pattern.test(token)) return token;
  throw new DraftError(
    'DRAFT_TOKEN_INVALID',
    'HF_TOKEN is no access token of the Hugging Face Hub: one begins with hf_ and has only letters, digits and signs, ' +
      'no spaces, quotation marks around it or line breaks. Copy it anew from the settings of your account, or unset it.',
  );
}
