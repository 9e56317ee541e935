import { tf } from '@draft/core';
import type { TextTower, Tokenizer } from '@draft/model-clip';
import type { PromptEncoder } from './prompt-encoder.js';

/** The encoder of Stable Diffusion 1.x and 2.x: the states of one text tower after its final norm. */
export const createSingleEncoder = (tower: TextTower, tokenizer: Tokenizer): PromptEncoder => ({
  tokens: (prompt) => ({
    ids: tf.tensor2d(tokenizer.encode(prompt), [1, tokenizer.length], 'int32'),
  }),
  encode: ({ ids }) => tower.hiddenStates(ids!),
  unpack: (context) => ({ states: context }),
});
