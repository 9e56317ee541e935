import { type GradientPolicy, requireEarlyStop } from '@draft/core';
import type { ReflOptions } from './refl-options.js';

/** The option m for a chain of `steps` steps; DRaFT's comparison has m = 20 for 50. */
const resolve = ({ m }: ReflOptions, steps: number) => m ?? Math.max(1, Math.round(0.4 * steps));

/**
 * Makes the gradient policy of ReFL: sampling ends at a step `t_min` drawn uniformly from `1..m`, whose one-step
 * prediction `x̂₀(t_min)` is the picture, and that step alone learns. With m = 1 it is DRaFT-1 where the sampler ends
 * at the clean prediction, `x_0 = x̂₀(1)`.
 * @see {@link https://arxiv.org/abs/2304.05977}
 */
export const createRefl = (options: ReflOptions): GradientPolicy => ({
  validate(steps) {
    requireEarlyStop('The option m of refl', resolve(options, steps), steps);
  },
  plan({ steps, random }) {
    const stop = random.child('stop').integer(1, resolve(options, steps));
    return { steps, train: [stop], stop, detachInput: false, cutState: stop, copies: 0 };
  },
});
