import { DraftError } from '../errors/draft-error.js';
import type { EstimatorAlgorithm } from './estimator.js';
import type { GradientPolicy } from './gradient-policy.js';

/** A training algorithm: plans that core executes, or an estimator of its own. */
export type Algorithm = GradientPolicy | EstimatorAlgorithm;

/** Whether an algorithm draws plans. */
export const drawsPlans = (algorithm: Algorithm): algorithm is GradientPolicy => 'plan' in algorithm;

/** Whether an algorithm differentiates rewards, so that it learns nothing from one without a gradient. */
export const needsRewardGradients = (algorithm: Algorithm): boolean =>
  drawsPlans(algorithm) || algorithm.differentiatesRewards;

/**
 * Refuses a reward that has no gradient.
 * @throws DraftError `DRAFT_REWARD_NOT_DIFFERENTIABLE`.
 */
export const requireRewardGradient = (name: string, differentiable: boolean): void => {
  if (differentiable) return;
  throw new DraftError(
    'DRAFT_REWARD_NOT_DIFFERENTIABLE',
    `The reward ${name} has no gradient in the images, which this algorithm needs: train on it with the algorithm ddpo, or choose a differentiable one.`,
  );
};
