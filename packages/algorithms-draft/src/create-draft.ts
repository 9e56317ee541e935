import { DraftError, type GradientPolicy } from '@draft/core';
import type { DraftOptions } from './draft-options.js';

/**
 * Makes the gradient policy of DRaFT-K: the last K steps learn, through a live chain that is cut in front of them,
 * `x_K = sg(x_K)`. With K = T it is DRaFT.
 * @see {@link https://arxiv.org/abs/2309.17400} algorithm 1
 */
export const createDraft = ({ k }: DraftOptions): GradientPolicy => ({
  validate(steps) {
    if (k === 'all' || k <= steps) return;
    throw new DraftError(
      'DRAFT_PLAN_INVALID',
      `The option k of draft is ${k}, but there are only ${steps} sampling steps; give at most ${steps}, or all.`,
    );
  },
  plan({ steps }) {
    const last = k === 'all' ? steps : k;
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
