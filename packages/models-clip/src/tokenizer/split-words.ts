/** Special strings, English endings, runs of letters, single digits, and runs of anything else but white space. */
const wordPattern =
  /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

/** A special string that is no token of this tokenizer falls into its brackets and its letters. */
const bracketed = /^<\||\p{L}{2,}|\|>$/gu;

/** The words of a normalised prompt, each of which is encoded by itself. */
export function splitWords(text: string): readonly string[] {
  return (text.match(wordPattern) ?? []).flatMap((word) =>
    word.startsWith('<|') && word.endsWith('oftext|>') ? (word.match(bracketed) ?? []) : [word],
  );
}
