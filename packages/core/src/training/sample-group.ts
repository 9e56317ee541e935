import type { TextContext } from '../chain/text-context.js';
import type { SampleGroup } from '../contracts/estimator.js';
import type { RandomSource } from '../contracts/random-source.js';
import { drawNoise, drawPrompts } from './draw-samples.js';

/** What samples are drawn from. */
export interface SampleSource {
  /** Random numbers of the whole run; each sample has a source of its own. */
  readonly random: RandomSource;
  readonly prompts: readonly string[];
  readonly text: TextContext;
  /** Latent `[height, width, channels]`. */
  readonly shape: readonly [number, number, number];
}

/** Makes a group of samples of their numbers in the run. */
export const createSampleGroup = (
  { random, prompts, text, shape }: SampleSource,
  samples: readonly number[],
  iteration: number,
): SampleGroup => {
  const drawn = drawPrompts(random, samples, prompts);
  return {
    prompts: drawn,
    context: () => text.encode(drawn),
    noise: (...key) => drawNoise(random, samples, shape, ...key),
    rewardContext: (reward) => ({
      prompts: drawn,
      random: random.child('reward', reward, ...samples),
      iteration,
    }),
  };
};
