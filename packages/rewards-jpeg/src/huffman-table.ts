/** The code of each symbol of a Huffman table: its bits and their number. */
export interface HuffmanTable {
  /** How many codes there are of each length, 1 to 16 bits. */
  readonly counts: readonly number[];
  /** Symbols in the order of their codes. */
  readonly symbols: readonly number[];
  readonly code: Uint16Array;
  readonly length: Uint8Array;
}

/** Hands out codes in order, shorter ones first: Annex C of the JPEG standard. */
const huffmanTable = (counts: readonly number[], symbols: readonly number[]): HuffmanTable => {
  const code = new Uint16Array(256);
  const length = new Uint8Array(256);
  let next = 0;
  let at = 0;
  counts.forEach((count, bits) => {
    for (const symbol of symbols.slice(at, at + count)) {
      code[symbol] = next++;
      length[symbol] = bits + 1;
    }
    at += count;
    next <<= 1;
  });
  return { counts, symbols, code, length };
};

/** Pairs of hexadecimal digits; `35-3a` is a range. */
const listed = (text: string): number[] =>
  text.split(/\s+/).flatMap((part) => {
    const [from, to] = part.split('-').map((digits) => Number.parseInt(digits, 16)) as [number, number?];
    return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
  });

const categories = listed('00-0b');

/** The four tables of Annex K, which image programs write unless asked to optimise. */
export const huffmanTables = {
  luminance: {
    dc: huffmanTable([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], categories),
    ac: huffmanTable(
      [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
      listed(
        '01-03 00 04 11 05 12 21 31 41 06 13 51 61 07 22 71 14 32 81 91 a1 08 23 42 b1 c1 15 52 d1 f0 24 33 62 72 82 ' +
          '09 0a 16-1a 25-2a 34-3a 43-4a 53-5a 63-6a 73-7a 83-8a 92-9a a2-aa b2-ba c2-ca d2-da e1-ea f1-fa',
      ),
    ),
  },
  chrominance: {
    dc: huffmanTable([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], categories),
    ac: huffmanTable(
      [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
      listed(
        '00-03 11 04 05 21 31 06 12 41 51 07 61 71 13 22 32 81 08 14 42 91 a1 b1 c1 09 23 33 52 f0 15 62 72 d1 0a 16 ' +
          '24 34 e1 25 f1 17-1a 26-2a 35-3a 43-4a 53-5a 63-6a 73-7a 82-8a 92-9a a2-aa b2-ba c2-ca d2-da e2-ea f2-fa',
      ),
    ),
  },
} as const;
