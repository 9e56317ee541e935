import type { AddedToken } from './added-token.js';
import { normalizePrompt } from './normalize-prompt.js';
import { cleanOpenClipPrompt } from './open-clip/clean-prompt.js';
import type { SpecialTokens } from './special-tokens.js';
import type { Segment } from './split-added-tokens.js';
import { createOpenClipSplitter, splitWords } from './split-words.js';

/** Whose tokenizer prompts are read like: both have the same vocabulary, but read some texts differently. */
export type PromptStyle = 'transformers' | 'open_clip';

/** How a library reads prompts. */
export interface PromptReader {
  /** Makes a text what the vocabulary knows. */
  readonly normalize: (text: string) => string;
  /** Words, and the ids of special tokens that are found among them. */
  readonly splitWords: (text: string) => readonly Segment[];
  /** The strings that are looked for before a text is cut into words. */
  readonly added: readonly AddedToken[];
  /** Id that fills the rest of a row. */
  readonly padding: number;
}

/** How prompts are read in a style, with the special tokens of a tokenizer's files. */
export const createPromptReader = (style: PromptStyle, special: SpecialTokens): PromptReader =>
  style === 'transformers'
    ? { normalize: normalizePrompt, splitWords, added: special.added, padding: special.padding }
    : {
        normalize: cleanOpenClipPrompt,
        splitWords: createOpenClipSplitter(special),
        added: [],
        padding: 0,
      };
