import { DraftError } from '@draft/core';
import { byteAlphabet } from './byte-alphabet.js';

/** Marks the end of a word in CLIP's vocabulary. */
const endOfWord = '</w>';

/** Turns one word into token ids. */
export type BytePairEncoder = (word: string) => readonly number[];

/**
 * Makes CLIP's byte-pair encoder: a word becomes its UTF-8 bytes, the last one marked as the end of the word, and
 * the pair of neighbours with the lowest rank is merged until no ranked pair is left.
 * @param merges Pairs in the order of their rank.
 * @param unknown Stands for a byte that the vocabulary does not have.
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` where a merge joins or makes a token that is not in the vocabulary.
 */
export function createBytePairEncoder(
  vocabulary: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
  unknown: number,
): BytePairEncoder {
  const alphabet = byteAlphabet();
  const inner = alphabet.map((character) => vocabulary.get(character) ?? unknown);
  const last = alphabet.map((character) => vocabulary.get(character + endOfWord) ?? unknown);
  // A pair's key is one number: ids are far below 2^26, so the product stays exact.
  const stride = 1 + [...vocabulary.values()].reduce((most, id) => Math.max(most, id), 0);
  const ranks = new Map<number, number>();
  const merged = merges.map(([left, right], rank) => {
    const ids = [vocabulary.get(left), vocabulary.get(right), vocabulary.get(left + right)] as const;
    if (ids[0] === undefined || ids[1] === undefined || ids[2] === undefined) {
      throw new DraftError(
        'DRAFT_TOKENIZER_INVALID',
        `Merge ${rank + 1} ("${left} ${right}") uses a token that the vocabulary does not have; ` +
          'take the vocabulary and the merges from the same tokenizer.',
      );
    }
    const key = ids[0] * stride + ids[1];
    // The first of two equal merges counts.
    if (!ranks.has(key)) ranks.set(key, rank);
    return ids[2];
  });
  const rankAt = (ids: readonly number[], index: number): number =>
    ranks.get(ids[index]! * stride + ids[index + 1]!) ?? Number.POSITIVE_INFINITY;

  return (word) => {
    const bytes = new TextEncoder().encode(word);
    let ids = Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? last : inner)[byte]!);
    while (ids.length > 1) {
      let best = Number.POSITIVE_INFINITY;
      for (let index = 0; index + 1 < ids.length; index += 1) best = Math.min(best, rankAt(ids, index));
      if (best === Number.POSITIVE_INFINITY) break;
      const next: number[] = [];
      for (let index = 0; index < ids.length; index += 1) {
        const pair = index + 1 < ids.length && rankAt(ids, index) === best;
        next.push(pair ? merged[best]! : ids[index]!);
        if (pair) index += 1;
      }
      ids = next;
    }
    return ids;
  };
}
