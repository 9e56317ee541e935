import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publishedTokenizer } from '../src/index.js';
import { publishedTokenizerFiles, publishedVocabularySize } from '../src/tokenizer/published-tokenizer.js';
import { jsonFixture } from './support/fixture.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the published tokenizer', () => {
  it('has the merges and the vocabulary of the published files, to the byte', () => {
    const { vocabulary, merges } = publishedTokenizerFiles();
    expect(sha256(merges as string)).toBe('9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a');
    // vocab.json as it is published: a line an entry, in the order of the code points.
    const entries = Object.entries(vocabulary as Record<string, number>)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([token, id]) => `  ${JSON.stringify(token)}: ${id}`);
    expect(entries).toHaveLength(49408);
    expect(sha256(`{\n${entries.join(',\n')}\n}\n`)).toBe(
      'e089ad92ba36837a0d31433e555c8f45fe601ab5c221d4f607ded32d9f7a4349',
    );
  });

  it('gives the ids of published prompts', () => {
    const tokenizer = publishedTokenizer();
    expect(tokenizer.length).toBe(77);
    expect(tokenizer.vocabularySize).toBe(publishedVocabularySize);
    const prompts = jsonFixture<{ prompt: string; ids: number[] }[]>('published/prompts.json');
    for (const { prompt, ids } of prompts) expect([...tokenizer.encode(prompt)], prompt).toEqual(ids);
  });

  it('cuts what is too long for a row, of whatever length', () => {
    const long = 'a '.repeat(90);
    expect([...publishedTokenizer().encode(long)]).toEqual([49406, ...Array(75).fill(320), 49407]);
    const short = publishedTokenizer('!', { length: 16 });
    expect(short.length).toBe(16);
    expect([...short.encode(long)]).toEqual([49406, ...Array(14).fill(320), 49407]);
    expect([...short.encode('cat')]).toEqual([49406, 2368, 49407, ...Array(13).fill(0)]);
  });

  it('fills rows as the second encoder of SDXL wants them', () => {
    expect([...publishedTokenizer('!').encode('a photo of a cat').slice(4, 9)]).toEqual([
      320, 2368, 49407, 0, 0,
    ]);
  });
});
