import type { GradientPolicy } from '@draft/core';
import type { DraftLvOptions } from './draft-lv-options.js';

/**
 * Makes the gradient policy of DRaFT-LV: the last step learns, then learns again from n copies of the result that
 * are noised back to its level, which lowers the variance of the estimate. With n = 0 it is DRaFT-1.
 * @see {@link https://arxiv.org/abs/2309.17400}
 */
export const createDraftLv = ({ n, singleReward }: DraftLvOptions): GradientPolicy => ({
  // Any number of steps has a last one, and the schema bounds n.
  validate() {},
  plan: ({ steps }) => ({
    steps,
    train: [1],
    stop: 0,
    detachInput: false,
    cutState: 1,
    copies: n,
    ...(singleReward ? { singleReward } : {}),
  }),
});
