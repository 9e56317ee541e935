import type { GradientPolicy } from '@draft/core';

/**
 * Makes the gradient policy of AlignProp: the last K steps learn through a live chain that is cut in front of them,
 * with K drawn uniformly from `1..T` once an iteration.
 * @see {@link https://arxiv.org/abs/2310.03739}
 */
export const createAlignprop = (): GradientPolicy => ({
  // Each K that can be drawn fits the number of steps.
  validate() {},
  plan({ steps, random }) {
    const last = random.child('k').integer(1, steps);
    return {
      steps,
      train: Array.from({ length: last }, (_, index) => last - index),
      stop: 0,
      detachInput: false,
      cutState: last === steps ? null : last,
      copies: 0,
    };
  },
});
