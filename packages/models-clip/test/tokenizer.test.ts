import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createTokenizer, loadTokenizer, type TokenizerFiles } from '../src/index.js';
import { fixture, jsonFixture } from './support/fixture.js';

interface Reference {
  readonly begin: number;
  readonly end: number;
  readonly cases: readonly { readonly text: string; readonly ids: number[]; readonly ids77?: number[] }[];
}

const files: TokenizerFiles = {
  vocabulary: jsonFixture('tokenizer/vocab.json'),
  merges: readFileSync(fixture('tokenizer/merges.txt'), 'utf8'),
  config: jsonFixture('tokenizer/tokenizer_config.json'),
  specialTokens: jsonFixture('tokenizer/special_tokens_map.json'),
};
const reference = jsonFixture<Reference>('tokens.json');
const folders: string[] = [];
const folderWith = (contents: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'draft-tokenizer-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('the ids', () => {
  it('are those of transformers', async () => {
    const tokenizer = await loadTokenizer(fixture('tokenizer'));
    for (const { text, ids, ids77 } of reference.cases) {
      const padded = [...ids, ...new Array<number>(Math.max(0, 77 - ids.length)).fill(reference.end)];
      expect([...tokenizer.encode(text)], text).toEqual(ids77 ?? padded);
      expect([reference.begin, ...tokenizer.tokens(text), reference.end], text).toEqual(ids);
    }
  });

  it('are those of the published vocabulary', async () => {
    const tokenizer = await loadTokenizer(fixture('published'));
    const prompts = jsonFixture<{ prompt: string; ids: number[] }[]>('published/prompts.json');
    for (const { prompt, ids } of prompts) expect([...tokenizer.encode(prompt)], prompt).toEqual(ids);
    expect([...tokenizer.encode('a photo of a cat').slice(0, 8)]).toEqual([
      49406, 320, 1125, 539, 320, 2368, 49407, 49407,
    ]);
    expect(tokenizer.vocabularySize).toBe(49408);
  });

  it('do not depend on how lines end, nor on which file holds the vocabulary', async () => {
    const merges = files.merges as string;
    const windows = createTokenizer({ ...files, merges: merges.replaceAll('\n', '\r\n') });
    const pairs = merges.trim().split('\n').slice(1);
    const folder = folderWith({
      'tokenizer.json': JSON.stringify({
        model: { vocab: files.vocabulary, merges: pairs.map((p) => p.split(' ')) },
      }),
      'tokenizer_config.json': JSON.stringify(files.config),
    });
    const single = await loadTokenizer(folder);
    for (const { text } of reference.cases) {
      const expected = createTokenizer(files).encode(text);
      expect(windows.encode(text)).toEqual(expected);
      expect(single.encode(text)).toEqual(expected);
    }
  });

  it('are in range and as many as configured, whatever the prompt', () => {
    const tokenizer = createTokenizer(files);
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
      fc
        .array(fc.constantFrom("'", "'s", '<|endoftext|>', '<|START', 'Σ', 'İ', ' ', '\n', 'cat', '12'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (prompt) => {
        const row = tokenizer.encode(prompt);
        expect(row).toHaveLength(77);
        expect(row[0]).toBe(reference.begin);
        expect(row).toContain(reference.end);
        expect(row.every((id) => id >= 0 && id < tokenizer.vocabularySize)).toBe(true);
        // White space around a prompt, and how accents are composed, change nothing.
        expect(tokenizer.encode(` ${prompt}\n`)).toEqual(row);
        expect(tokenizer.encode(prompt.normalize('NFD'))).toEqual(tokenizer.encode(prompt.normalize('NFC')));
      }),
      { numRuns: 500 },
    );
  });
});

describe('added tokens', () => {
  // Ids as transformers 5.23 gives them for the same files.
  const ids = (changes: Partial<TokenizerFiles>, prompt: string) =>
    createTokenizer({ ...files, ...changes }).tokens(prompt);
  const config = files.config as Record<string, unknown>;
  const specialTokens = files.specialTokens as Record<string, unknown>;

  it('are looked for as typed, or in lower case where they are to be normalised', () => {
    expect(ids({}, 'a cat<|endoftext|>dog')).toEqual([320, 563, 609, 571]);
    expect(ids({}, '<|STARTOFTEXT|> b')).toEqual([608, 321]);
    expect(ids({}, '<|ENDOFTEXT|> x')).toEqual([27, 347, 68, 77, 67, 78, 69, 83, 68, 87, 339, 91, 285, 343]);
  });

  it('include the pad token, which the older file may set', () => {
    const padded = createTokenizer({ ...files, specialTokens: { ...specialTokens, pad_token: '!' } });
    expect(padded.tokens('hi!!! a <|endoftext|>')).toEqual([71, 328, 0, 0, 0, 320, 609]);
    expect([...padded.encode('a').slice(0, 5)]).toEqual([608, 320, 609, 0, 0]);
  });

  it('come with ids of their own from added_tokens.json', () => {
    const prompt = 'a <concept> cat<concept>s <CONCEPT>x';
    expect(ids({ addedTokens: { '<concept>': 610 } }, prompt)).toEqual([320, 610, 563, 610, 338, 610, 343]);
    expect(createTokenizer({ ...files, addedTokens: { '<concept>': 610 } }).vocabularySize).toBe(611);
  });

  it('come with ids and flags from the configuration', () => {
    const flags = { lstrip: false, rstrip: false, normalized: true, single_word: false, special: true };
    const added_tokens_decoder = {
      608: { ...flags, content: '<|startoftext|>' },
      609: { ...flags, content: '<|endoftext|>' },
      611: { ...flags, content: 'foo', normalized: false, single_word: true },
    };
    const changes = { config: { ...config, added_tokens_decoder } };
    expect(ids(changes, 'foo foobar foo')).toEqual([611, 69, 78, 78, 65, 64, 337, 611]);
    expect(ids(changes, '<|ENDOFTEXT|> a')).toEqual([609, 320]);
  });
});

describe('the length', () => {
  it('is the smaller of the configured and the asked one, and cutting keeps begin and end', () => {
    const unbounded = { ...files, config: { model_max_length: 1e30 } };
    expect(createTokenizer(unbounded).length).toBe(77);
    const short = createTokenizer(files, { length: 5 });
    expect([...short.encode('a cat a cat a cat')]).toEqual([608, 320, 563, 320, 609]);
    expect(createTokenizer({ ...files, config: { model_max_length: 4 } }, { length: 9 }).length).toBe(4);
  });
});

describe('files that make no tokenizer', () => {
  const refusals: readonly (readonly [string, Partial<TokenizerFiles>, RegExp])[] = [
    ['a vocabulary that is a list', { vocabulary: [] }, /not an object/],
    ['an empty vocabulary', { vocabulary: {} }, /empty/],
    ['an id that is no integer', { vocabulary: { a: 1.5 } }, /"a" the id 1.5/],
    ['merges that are no text', { merges: 3 }, /neither text nor a list/],
    ['a merge of three', { merges: 'a b c' }, /Merge 1 .* not a pair/],
    ['a merge beyond the vocabulary', { merges: 'zz yy' }, /Merge 1 \("zz yy"\)/],
    ['a special token beyond the vocabulary', { specialTokens: { eos_token: '<end>' } }, /eos_token "<end>"/],
  ];
  it.each(refusals)('%s is refused in one sentence', (_, changes, message) => {
    expect(() => createTokenizer({ ...files, ...changes })).toThrow(message);
    expect(() => createTokenizer({ ...files, ...changes })).toThrow(
      expect.objectContaining({ code: 'DRAFT_TOKENIZER_INVALID' }),
    );
  });

  it('a folder without a tokenizer, or with broken JSON, is refused by name', async () => {
    const empty = folderWith({});
    await expect(loadTokenizer(empty)).rejects.toThrow(empty);
    const broken = folderWith({ 'vocab.json': '{"a": 0', 'merges.txt': '' });
    await expect(loadTokenizer(broken)).rejects.toThrow(/vocab\.json is not valid JSON/);
  });
});
