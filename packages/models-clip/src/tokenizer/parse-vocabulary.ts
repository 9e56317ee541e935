import { DraftError } from '@draft/core';

/** The ids of a vocabulary stay below this, so that a pair of them fits a double exactly. */
const mostTokens = 2 ** 24;

/**
 * Reads `vocab.json`.
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` naming the first token whose id is not an integer from 0 on.
 */
export function parseVocabulary(vocabulary: unknown): ReadonlyMap<string, number> {
  if (typeof vocabulary !== 'object' || vocabulary === null || Array.isArray(vocabulary)) {
    throw new DraftError(
      'DRAFT_TOKENIZER_INVALID',
      'The vocabulary of the tokenizer is not an object of ids.',
    );
  }
  const entries = Object.entries(vocabulary);
  if (!entries.length)
    throw new DraftError('DRAFT_TOKENIZER_INVALID', 'The vocabulary of the tokenizer is empty.');
  for (const [token, id] of entries) {
    if (!Number.isInteger(id) || id < 0 || id >= mostTokens) {
      throw new DraftError(
        'DRAFT_TOKENIZER_INVALID',
        `The vocabulary gives the token ${JSON.stringify(token)} the id ${JSON.stringify(id)}, ` +
          'which is not an integer from 0 on.',
      );
    }
  }
  return new Map(entries as [string, number][]);
}
