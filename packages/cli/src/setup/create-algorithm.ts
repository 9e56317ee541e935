import {
  type Algorithm,
  createRandomSource,
  DraftError,
  drawsPlans,
  modifyPolicy,
  planFaults,
  requireEarlyStop,
} from '@draft/core';
import type { TrainConfig } from '../config/train-options.js';
import type { ConfiguredPlugin } from './plugin-access.js';

/** What decides, beside an algorithm's own options, which steps learn. */
export type PlanSettings = Pick<TrainConfig, 'steps' | 'stopGradient' | 'earlyStop' | 'seed'>;

const refuseModifiers = (name: string, { stopGradient, earlyStop }: PlanSettings): void => {
  if (!stopGradient && earlyStop === 0) return;
  throw new DraftError(
    'DRAFT_PLAN_INVALID',
    `${stopGradient ? '--stop-gradient' : '--early-stop'} changes which sampling steps learn, but ${name} does not back-propagate through them: leave it out.`,
  );
};

/**
 * Makes an algorithm with the modifiers that were asked for, and checks that its plans can be executed.
 * @throws DraftError `DRAFT_PLAN_INVALID` naming the option.
 */
export const createAlgorithm = (
  { plugin, options }: ConfiguredPlugin<'algorithm'>,
  settings: PlanSettings,
): Algorithm => {
  const made: Algorithm = plugin.create(options as never);
  const { steps, earlyStop, stopGradient } = settings;
  made.validate(steps);
  if (!drawsPlans(made)) {
    refuseModifiers(plugin.name, settings);
    return made;
  }
  requireEarlyStop('--early-stop', earlyStop, steps);
  const policy = modifyPolicy(made, { stopGradient, earlyStop });
  const random = createRandomSource(settings.seed, 'train').child('plan', 0);
  const faults = planFaults(policy.plan({ steps, random, iteration: 0 }));
  if (faults.length === 0) return policy;
  throw new DraftError(
    'DRAFT_PLAN_INVALID',
    `The algorithm ${plugin.name} draws a plan that cannot be executed. ${faults.join(' ')}`,
  );
};
