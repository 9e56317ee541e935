export type { TextActivation, TextConfig } from './text/text-config.js';
export { parseTextConfig } from './text/text-config.js';
export type { TextTower } from './text/text-tower.js';
export { createTextTower } from './text/text-tower.js';
export { loadTokenizer } from './tokenizer/load-tokenizer.js';
export type { Tokenizer, TokenizerOptions } from './tokenizer/tokenizer.js';
export { createTokenizer } from './tokenizer/tokenizer.js';
export type { TokenizerFiles } from './tokenizer/tokenizer-files.js';
