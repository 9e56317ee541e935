import type { SpecialTokens } from './special-tokens.js';
import type { Segment } from './split-added-tokens.js';

/** Special strings, English endings, runs of letters, single digits, and runs of anything else but white space. */
const wordPattern =
  /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/** A special string that is no token of this tokenizer falls into its brackets and its letters. */
const bracketed = /^<\||\p{L}{2,}|\|>$/gu;

/** The words of a prompt that is normalised as transformers does it, each of which is encoded by itself. */
export function splitWords(text: string): readonly string[] {
  return (text.match(wordPattern) ?? []).flatMap((word) =>
    word.startsWith('<|') && word.endsWith('oftext|>') ? (word.match(bracketed) ?? []) : [word],
  );
}

/** As above, with the special strings of open_clip, which count where a word could begin. */
const openClipPattern =
  /<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/giu;

/**
 * Makes what cuts a prompt that open_clip has cleaned into words, each of which is encoded by itself, and the ids of its special
 * strings; those of transformers are text.
 */
export function createOpenClipSplitter({
  begin,
  end,
}: Pick<SpecialTokens, 'begin' | 'end'>): (text: string) => readonly Segment[] {
  const ids = new Map([
    ['<start_of_text>', begin],
    ['<end_of_text>', end],
  ]);
  return (text) => (text.match(openClipPattern) ?? []).map((word) => ids.get(word) ?? word);
}
