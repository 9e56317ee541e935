import { describe, expect, it } from 'vitest';
import { byteSymbols } from '../src/byte-pair-encoding.js';
import { createTokenizerFiles, maximumTokens } from '../src/tokenizer-files.js';
import { captionWords } from '../src/vocabulary.js';

const files = createTokenizerFiles(captionWords);
const vocabulary = JSON.parse(files['vocab.json']) as Readonly<Record<string, number>>;
const merges = files['merges.txt'].trim().split('\n').slice(1);

/** Encodes an ASCII word as CLIP does: the merge of lowest rank first, wherever it applies. */
function encode(word: string): readonly (number | undefined)[] {
  let symbols = [...word].map((letter, index) => (index === word.length - 1 ? `${letter}</w>` : letter));
  for (;;) {
    const pairs = symbols.slice(1).map((right, index) => merges.indexOf(`${symbols[index]} ${right}`));
    const rank = Math.min(...pairs.filter((known) => known >= 0));
    if (!Number.isFinite(rank)) return symbols.map((symbol) => vocabulary[symbol]);
    const at = pairs.indexOf(rank);
    symbols = [...symbols.slice(0, at), symbols[at]! + symbols[at + 1]!, ...symbols.slice(at + 2)];
  }
}

describe('the tokenizer', () => {
  it('numbers its tokens without gaps, bytes first and the special ones last', () => {
    const ids = Object.values(vocabulary);
    expect([...ids].sort((one, other) => one - other)).toEqual(ids.map((_, index) => index));
    expect(ids.length).toBe(512 + merges.length + 2);
    expect(ids.length).toBeLessThan(1200);
    expect(new Set(byteSymbols()).size).toBe(256);
    // CLIP's own first ids.
    expect([vocabulary['!'], vocabulary['a</w>'], vocabulary['0']]).toEqual([0, 320, 15]);
    expect(vocabulary['<|startoftext|>']).toBe(ids.length - 2);
    expect(vocabulary['<|endoftext|>']).toBe(ids.length - 1);
  });

  it('turns each word of the captions into one token, and back', () => {
    for (const word of captionWords.filter((name) => !/\d/.test(name))) {
      expect(encode(word), word).toEqual([vocabulary[`${word}</w>`]]);
    }
  });

  it('spells what it does not know', () => {
    const names = Object.keys(vocabulary);
    const spelled = encode('hippopotamus').map((id) => names[id!]);
    expect(spelled.length).toBeGreaterThan(1);
    expect(spelled.join('')).toBe('hippopotamus</w>');
  });

  it('has room for the longest caption', () => {
    // Colour and place last: a book and a 3d (two tokens) animal on a colour's background.
    const longest = 'a book and a 3 d fox on a yellow background'.split(' ');
    expect(longest.length + 2).toBeLessThanOrEqual(maximumTokens);
    expect(JSON.parse(files['tokenizer_config.json'])).toMatchObject({
      model_max_length: 16,
      pad_token: '<|endoftext|>',
    });
  });
});
