import { byteSymbols, learnMerges, type Merge, wordEnd } from './byte-pair-encoding.js';

const startToken = '<|startoftext|>';
const endToken = '<|endoftext|>';

/** The longest prompt in tokens, both special ones included. */
export const maximumTokens = 16;

/** The files of a `tokenizer/` folder, by name. */
export interface TokenizerFiles {
  readonly 'vocab.json': string;
  readonly 'merges.txt': string;
  readonly 'tokenizer_config.json': string;
  readonly 'special_tokens_map.json': string;
}

/** The tokens in the order of their ids: the bytes, the bytes that end a word, the merges, start and end. */
export function tokenList(merges: readonly Merge[]): readonly string[] {
  const bytes = byteSymbols();
  const endings = bytes.map((symbol) => `${symbol}${wordEnd}`);
  return [...bytes, ...endings, ...merges.map((merge) => merge.join('')), startToken, endToken];
}

/** Writes a CLIP tokenizer in which each of the words is one token, in the layout of Stable Diffusion's folders. */
export function createTokenizerFiles(words: readonly string[]): TokenizerFiles {
  // CLIP's tokenizer takes digits one by one: a word that holds one is spelled, and needs no merge.
  const merges = learnMerges(words.filter((word) => /^[a-z]+$/.test(word)));
  const vocabulary = Object.fromEntries(tokenList(merges).map((token, id) => [token, id]));
  const special = (content: string) => ({
    content,
    lstrip: false,
    normalized: true,
    rstrip: false,
    single_word: false,
  });
  const added = (content: string) => ({ __type: 'AddedToken', ...special(content) });
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    'vocab.json': `${JSON.stringify(vocabulary)}\n`,
    'merges.txt': `#version: 0.2\n${merges.map((merge) => `${merge.join(' ')}\n`).join('')}`,
    'tokenizer_config.json': json({
      add_prefix_space: false,
      bos_token: added(startToken),
      do_lower_case: true,
      eos_token: added(endToken),
      errors: 'replace',
      model_max_length: maximumTokens,
      pad_token: endToken,
      tokenizer_class: 'CLIPTokenizer',
      unk_token: added(endToken),
    }),
    'special_tokens_map.json': json({
      bos_token: special(startToken),
      eos_token: special(endToken),
      pad_token: endToken,
      unk_token: special(endToken),
    }),
  };
}
