import { DraftError, drawsPlans, type GradientPolicy } from '@draft/core';
import { createAlgorithm, type PlanSettings } from './create-algorithm.js';
import type { ConfiguredPlugin } from './plugin-access.js';

/**
 * Makes an algorithm that draws plans, with the modifiers that were asked for.
 * @throws DraftError `DRAFT_PLAN_INVALID` where it draws none, or none that can be executed.
 */
export const requirePlans = (
  algorithm: ConfiguredPlugin<'algorithm'>,
  settings: PlanSettings,
): GradientPolicy => {
  const made = createAlgorithm(algorithm, settings);
  if (drawsPlans(made)) return made;
  throw new DraftError(
    'DRAFT_PLAN_INVALID',
    `The algorithm ${algorithm.plugin.name} does not differentiate the sampling chain, so it has no such gradient to show: choose another --algorithm.`,
  );
};
