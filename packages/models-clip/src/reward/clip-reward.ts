import { type Reward, type Runtime, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import type { ClipModel } from '../model/clip-model.js';
import { unitRows } from '../model/embedders.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { createPromptEmbeddings } from './prompt-embeddings.js';

/** What a reward of the alignment of images and prompts is made of. */
export interface ClipRewardParts {
  readonly runtime: Runtime;
  readonly clip: ClipModel;
  readonly tokenizer: Tokenizer;
  /** Makes images what the vision tower reads, as `createPreprocessing` makes it. */
  readonly preprocess: (images: Tensor4D) => Tensor4D;
  /** Whether cosines are multiplied by `exp(logit_scale)`, about 100 in published checkpoints. */
  readonly scaled: boolean;
  /** Frees what the model holds. */
  readonly dispose: () => void;
}

/** Makes the reward `cos(image, prompt)`, or `exp(logit_scale) · cos(image, prompt)`. */
export function createClipReward(parts: ClipRewardParts): Reward {
  const { clip, preprocess, scaled } = parts;
  const prompts = createPromptEmbeddings(parts.runtime, clip.text, parts.tokenizer);
  return {
    differentiable: true,
    perSample: true,
    prepare: async (context) => ({ text: await prompts.embed(context.prompts) }), // [n, width]
    score: (images, { text }) =>
      tf.tidy(() => {
        const image = unitRows(clip.image.embed(preprocess(images))); // [n, width]
        const cosines = tf.sum(tf.mul(image, text!), 1) as Tensor1D; // [n]
        return scaled ? tf.mul(cosines, tf.exp(clip.logitScale)) : cosines;
      }),
    dispose() {
      prompts.dispose();
      parts.dispose();
    },
  };
}
