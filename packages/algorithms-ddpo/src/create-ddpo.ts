import { DraftError, type EstimatorAlgorithm } from '@draft/core';
import { createDdpoEstimator } from './create-ddpo-estimator.js';
import type { DdpoOptions } from './ddpo-options.js';

/**
 * Makes DDPO: each noisy sampling step is a Gaussian policy, and pictures that score better than others of their
 * prompt make the steps that led to them more likely. The reward is only asked for numbers.
 * @see {@link https://arxiv.org/abs/2305.13301}
 */
export const createDdpo = (options: DdpoOptions): EstimatorAlgorithm => ({
  differentiatesRewards: false,
  trainsSampling: true,
  validate(steps) {
    if (options.k !== 'all' && options.k > steps) {
      throw new DraftError(
        'DRAFT_PLAN_INVALID',
        `The option k of ddpo is ${options.k}, but there are only ${steps} sampling steps; give at most ${steps}.`,
      );
    }
    if (options.minCount > options.bufferSize) {
      throw new DraftError(
        'DRAFT_PLAN_INVALID',
        `The option minCount of ddpo is ${options.minCount}, but only bufferSize = ${options.bufferSize} rewards of a prompt are remembered; give at most that.`,
      );
    }
  },
  createEstimator: (setup) => createDdpoEstimator(options, setup),
});
