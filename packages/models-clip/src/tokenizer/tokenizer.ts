import { DraftError } from '@draft/core';
import { createBytePairEncoder } from './byte-pair-encoder.js';
import { parseMerges } from './parse-merges.js';
import { parseVocabulary } from './parse-vocabulary.js';
import { createPromptReader, type PromptStyle } from './prompt-style.js';
import { parseSpecialTokens } from './special-tokens.js';
import { createTokenSplitter } from './split-added-tokens.js';
import type { TokenizerFiles } from './tokenizer-files.js';

/** Turns prompts into the ids that a CLIP text tower reads. */
export interface Tokenizer {
  /** Tokens in each row, begin and end included. */
  readonly length: number;
  /** One more than the highest id. */
  readonly vocabularySize: number;
  /** The ids of a prompt, without begin, end, truncation and padding. */
  tokens(prompt: string): readonly number[];
  /** The row of a prompt, `[length]`: begin, at most `length − 2` tokens, end, then padding. */
  encode(prompt: string): Int32Array;
}

/** How a tokenizer is made. */
export interface TokenizerOptions {
  /** Tokens in each row where the configuration asks for more or says nothing. @default 77 */
  readonly length?: number;
  /**
   * Whose tokenizer prompts are read like. open_clip mends texts and unescapes HTML before, and knows special tokens by names
   * of its own. @default 'transformers'
   */
  readonly style?: PromptStyle;
}

/** `model_max_length`, or null where the configuration does not bound it. */
function configuredLength(config: unknown): number | null {
  const value = (config as { model_max_length?: unknown } | null | undefined)?.model_max_length;
  // Transformers writes 10^30 for "unbounded".
  return typeof value === 'number' && Number.isInteger(value) && value >= 2 && value < 1e6 ? value : null;
}

/**
 * Makes CLIP's tokenizer, with the semantics of transformers' fast tokenizer or of open_clip's: added tokens are recognised in
 * the prompt, the rest is normalised, cut into words and encoded by byte pairs.
 * @throws DraftError `DRAFT_TOKENIZER_INVALID` where the files do not make a tokenizer.
 */
export function createTokenizer(files: TokenizerFiles, options: TokenizerOptions = {}): Tokenizer {
  const vocabulary = parseVocabulary(files.vocabulary);
  const special = parseSpecialTokens(files, vocabulary);
  const encodeWord = createBytePairEncoder(vocabulary, parseMerges(files.merges), special.unknown);
  const length = Math.min(configuredLength(files.config) ?? Number.POSITIVE_INFINITY, options.length ?? 77);
  if (!Number.isInteger(length) || length < 2) {
    throw new DraftError(
      'DRAFT_TOKENIZER_INVALID',
      `A row of ${length} tokens has no room for begin and end.`,
    );
  }
  const { normalize, splitWords, added, padding } = createPromptReader(
    options.style ?? 'transformers',
    special,
  );
  const asTyped = createTokenSplitter(added.filter((token) => !token.normalized));
  const inNormalized = createTokenSplitter(
    added
      .filter((token) => token.normalized)
      .map((token) => ({ ...token, content: normalize(token.content) })),
  );
  const ids = [...vocabulary.values(), ...added.map((token) => token.id)];

  const tokens = (prompt: string): readonly number[] =>
    asTyped(prompt)
      .flatMap((segment) => (typeof segment === 'number' ? [segment] : inNormalized(normalize(segment))))
      .flatMap((segment) => (typeof segment === 'number' ? [segment] : splitWords(segment)))
      .flatMap((segment) => (typeof segment === 'number' ? [segment] : encodeWord(segment)));

  return {
    length,
    vocabularySize: 1 + ids.reduce((most, id) => Math.max(most, id), 0),
    tokens,
    encode(prompt) {
      const row = new Int32Array(length).fill(padding);
      const kept = tokens(prompt).slice(0, length - 2);
      row.set([special.begin, ...kept, special.end]);
      return row;
    },
  };
}
