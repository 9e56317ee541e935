import { DraftError, type EstimatorAlgorithm } from '@draft/core';
import { createDpgEstimator, stepsToLearn } from './create-dpg-estimator.js';
import type { DpgOptions } from './dpg-options.js';

/**
 * Makes DPG: a critic, the reward with a LoRA of its own, learns to foresee from the one-step prediction at a step what
 * the finished picture will score, and that step learns from the critic's gradient. No gradient passes through the
 * chain, so any step can learn.
 */
export const createDpg = (options: DpgOptions): EstimatorAlgorithm => ({
  differentiatesRewards: true,
  trainsSampling: true,
  validate(steps) {
    const k = stepsToLearn(options, steps);
    if (k <= steps) return;
    throw new DraftError(
      'DRAFT_PLAN_INVALID',
      `The option k of dpg is ${k}, but there are only ${steps} sampling steps; give at most ${steps}.`,
    );
  },
  createEstimator: (setup) => createDpgEstimator(options, setup),
});
