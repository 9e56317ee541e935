import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { DraftError } from '@draft/core';
import { byteAlphabet } from './byte-alphabet.js';
import { parseMerges } from './parse-merges.js';
import { createTokenizer, type Tokenizer, type TokenizerOptions } from './tokenizer.js';
import type { TokenizerFiles } from './tokenizer-files.js';

const mergesFile = join('data', 'clip-merges.txt.gz');

/** Finds the data above this file, which lies in `src/…` or is bundled into `dist`. */
function findMerges(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, mergesFile))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new DraftError(
        'DRAFT_PACKAGE_INCOMPLETE',
        'The folder `data` of @draft/model-clip is missing: install the package again.',
      );
    }
    folder = parent;
  }
  return join(folder, mergesFile);
}

/**
 * The vocabulary and the merges that all of OpenAI's and LAION's CLIP models have. The vocabulary follows from the
 * merges: 256 bytes, the same at the end of a word, one token a merge, and the two special ones.
 */
export function publishedTokenizerFiles(): Pick<TokenizerFiles, 'vocabulary' | 'merges'> {
  const merges = gunzipSync(readFileSync(findMerges())).toString('utf8');
  const bytes = [...byteAlphabet()].sort();
  const tokens = [
    ...bytes,
    ...bytes.map((character) => `${character}</w>`),
    ...parseMerges(merges).map(([left, right]) => left + right),
    '<|startoftext|>',
    '<|endoftext|>',
  ];
  return { vocabulary: Object.fromEntries(tokens.map((token, id) => [token, id])), merges };
}

/** How many tokens the published vocabulary has. */
export const publishedVocabularySize = 49_408;

/**
 * The tokenizer of Stable Diffusion and of CLIP as it was published, for checkpoints that come without one.
 * @param padding What fills a row: Stable Diffusion 1.x has the end token, SDXL's second encoder and 2.x have `!`.
 */
export const publishedTokenizer = (
  padding: '<|endoftext|>' | '!' = '<|endoftext|>',
  options: TokenizerOptions = {},
): Tokenizer =>
  createTokenizer(
    { ...publishedTokenizerFiles(), config: { model_max_length: 77, pad_token: padding } },
    options,
  );
