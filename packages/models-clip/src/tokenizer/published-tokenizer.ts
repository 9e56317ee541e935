import { byteAlphabet } from './byte-alphabet.js';
import { parseMerges } from './parse-merges.js';
import { readPackageData } from './read-package-data.js';
import { createTokenizer, type Tokenizer, type TokenizerOptions } from './tokenizer.js';
import type { TokenizerFiles } from './tokenizer-files.js';

/**
 * The vocabulary and the merges that all of OpenAI's and LAION's CLIP models have. The vocabulary follows from the
 * merges: 256 bytes, the same at the end of a word, one token a merge, and the two special ones.
 */
export function publishedTokenizerFiles(): Pick<TokenizerFiles, 'vocabulary' | 'merges'> {
  const merges = readPackageData('clip-merges.txt.gz');
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
