/** A merge of two symbols into one. */
export type Merge = readonly [left: string, right: string];

/** The mark on the last symbol of a word. */
export const wordEnd = '</w>';

/**
 * CLIP's symbol for each of the 256 bytes, in the order of its vocabulary: the printable bytes stand for themselves
 * and come first, the others borrow characters from 256 upwards.
 */
export function byteSymbols(): readonly string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const borrowed = bytes
    .filter((byte) => !printable(byte))
    .map((_, index) => String.fromCodePoint(256 + index));
  return [...bytes.filter(printable).map((byte) => String.fromCodePoint(byte)), ...borrowed];
}

/** The symbols of a word before any merge; the word is of plain ASCII letters. */
const spell = (word: string): string[] => [...word.slice(0, -1), `${word.at(-1)}${wordEnd}`];

function applyMerge(symbols: readonly string[], [left, right]: Merge): string[] {
  const merged: string[] = [];
  for (let index = 0; index < symbols.length; index++) {
    if (symbols[index] === left && symbols[index + 1] === right) {
      merged.push(left + right);
      index++;
    } else merged.push(symbols[index]!);
  }
  return merged;
}

/**
 * Learns merges, the most frequent pair first, until each word is one symbol. Applied in this order, as CLIP's
 * tokenizer applies them, they turn each of the words into exactly one token.
 */
export function learnMerges(words: readonly string[]): readonly Merge[] {
  let spelled = words.map(spell);
  const merges: Merge[] = [];
  for (;;) {
    const counts = new Map<string, { readonly merge: Merge; count: number }>();
    for (const symbols of spelled) {
      for (let index = 0; index + 1 < symbols.length; index++) {
        const merge: Merge = [symbols[index]!, symbols[index + 1]!];
        const known = counts.get(merge.join(' '));
        if (known) known.count++;
        else counts.set(merge.join(' '), { merge, count: 1 });
      }
    }
    // Of equally frequent pairs the first one found wins, so that the words' order alone decides.
    let best: { readonly merge: Merge; readonly count: number } | undefined;
    for (const candidate of counts.values()) if (!best || candidate.count > best.count) best = candidate;
    if (!best) return merges;
    const { merge } = best;
    merges.push(merge);
    spelled = spelled.map((symbols) => applyMerge(symbols, merge));
  }
}
