import { DraftError } from '@draft/core';

/**
 * Reads merges: the text of `merges.txt` (a line each, a `#version` line and any line ends allowed), or the list
 * of `tokenizer.json`, whose entries are `"a b"` or `["a", "b"]`.
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` naming the first entry that is not a pair.
 */
export function parseMerges(merges: unknown): readonly (readonly [string, string])[] {
  const entries: readonly unknown[] | undefined =
    typeof merges === 'string'
      ? merges.split(/\r?\n|\r/).filter((line) => line.trim() && !line.startsWith('#version'))
      : Array.isArray(merges)
        ? merges
        : undefined;
  if (!entries) {
    throw new DraftError(
      'DRAFT_TOKENIZER_INVALID',
      'The merges of the tokenizer are neither text nor a list.',
    );
  }
  return entries.map((entry, index) => {
    const pair = typeof entry === 'string' ? entry.trimEnd().split(' ') : entry;
    if (
      !Array.isArray(pair) ||
      pair.length !== 2 ||
      !pair.every((side) => typeof side === 'string' && side)
    ) {
      throw new DraftError(
        'DRAFT_TOKENIZER_INVALID',
        `Merge ${index + 1} of the tokenizer, ${JSON.stringify(entry)}, is not a pair of tokens; ` +
          'the file may be damaged, so download it again.',
      );
    }
    return [pair[0] as string, pair[1] as string] as const;
  });
}
