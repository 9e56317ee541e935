import type { Tensor1D, Tensor4D } from '../runtime/tf.js';
import type { RandomSource } from './random-source.js';

/** What a reward knows about the batch that it scores. */
export interface RewardContext {
  /** One prompt per image. */
  readonly prompts: readonly string[];
  /** Random numbers for this batch; never use a global source. */
  readonly random: RandomSource;
  /** Training iteration, from 0; 0 outside training. */
  readonly iteration: number;
}

/** Judges images. Higher is better. */
export interface Reward {
  /** Whether `score` has a gradient in the images; if not, only policy-gradient algorithms can train on it. */
  readonly differentiable: boolean;
  /** Whether an image's score depends on that image and its prompt alone, not on its batch. */
  readonly perSample: boolean;
  /**
   * Scores a batch.
   * @param images `[n, height, width, 3]` in `[0, 1]`, RGB.
   * @returns `[n]`, one score per image, owned by the caller.
   */
  score(images: Tensor4D, context: RewardContext): Tensor1D;
  /** Frees what the reward holds; calling it twice is harmless. */
  dispose(): void;
}
