import {
  createAdamw,
  createNoiseGradient,
  createRandomSource,
  differentiableRewards,
  prepareRewards,
  type Tensor4D,
  tf,
} from '@draft/core';
import { z } from 'zod';
import { turn } from '../progress/turn.js';
import type { Judge } from '../run/judge.js';
import { createBestPictures } from './best-pictures.js';
import type { Strategy } from './strategy.js';

/** Options of latent optimisation. */
export const latentOptions = z.strictObject({
  /** Updates of the noise. */
  iterations: z.int().min(1).max(100_000).default(20).describe('Updates of the initial noise.'),
  /** The learning rate of Adam; each number of the noise moves by about this much an update. */
  learningRate: z
    .number()
    .positive()
    .default(0.1)
    .describe('Learning rate of Adam: by about how much each number of the noise moves in an update.'),
});

/** Options of latent optimisation, with defaults filled in. */
export type LatentOptions = z.output<typeof latentOptions>;

/** `√d · x / ‖x‖` for each sample, `d` being how many numbers one has; owned by the caller. */
export const normaliseNoise = (noise: Tensor4D): Tensor4D =>
  tf.tidy(() => {
    const [, height, width, channels] = noise.shape;
    const square = tf.sum(tf.square(noise), [1, 2, 3], true);
    return tf.mul(noise, tf.sqrt(tf.div(height * width * channels, square))) as Tensor4D;
  });

/**
 * Optimises the initial noise of each picture on the reward by Adam, with the gradient through the whole chain, and
 * puts the noise back to the norm `√d` after each update. It keeps the best picture on the way, the one that would be
 * drawn without included.
 * @see {@link https://arxiv.org/abs/2303.13703} DOODL
 */
export const latent: Strategy<LatentOptions> = {
  options: latentOptions,
  rewards: 'gradient',
  create({ iterations, learningRate }, { chain, maker, judge, rewards }) {
    const differentiable = differentiableRewards(rewards);
    const estimator = createNoiseGradient(chain, differentiable);
    return {
      async draw({ noise, subjects, adapters, sampling, progress }) {
        const prompts = subjects.map(({ prompt }) => prompt);
        const best = createBestPictures();
        const adam = createAdamw(chain.runtime, { weightDecay: 0 });
        const prepared = await prepareRewards(differentiable, (name) => ({
          prompts,
          // As the judge draws it.
          random: createRandomSource(subjects[0]?.seed ?? 0, 'judge', name),
          iteration: 0,
        }));
        // The last picture is drawn without gradient, at half the cost.
        const advance = (iteration: number) => (share: number) =>
          progress((iteration + share * (iteration < iterations ? 1 : 0.5)) / (iterations + 0.5));
        let current: Tensor4D = noise.clone();
        try {
          for (let iteration = 0; iteration < iterations; iteration += 1) {
            await turn();
            const { gradient, scores, ...made } = await estimator.estimate(
              { prompts, noise: current, stepNoise: maker.stepNoise(subjects), adapters, sampling, prepared },
              advance(iteration),
            );
            tf.dispose(Object.values(scores));
            best.offer(made, await (judge as Judge).score(made.images, subjects));
            const uphill = { learningRate, gradientScale: -1 };
            const moved = (await adam.update({ noise: current }, { noise: gradient }, uphill))
              .noise as Tensor4D;
            tf.dispose([gradient, current]);
            current = normaliseNoise(moved);
            moved.dispose();
          }
          const made = await maker.makeFrom(current, subjects, adapters, advance(iterations), sampling);
          best.offer(made, await (judge as Judge).score(made.images, subjects));
          const { indices, rewards: history, ...pictures } = best.take();
          const notes = subjects.map((_, i) => ({ updates: indices[i], rewardHistory: history[i] }));
          return { ...pictures, notes };
        } finally {
          tf.dispose([current, ...Object.values(prepared)]);
          best.dispose();
          adam.dispose();
        }
      },
      dispose: estimator.dispose,
    };
  },
};
