import type { GradientPolicy, Plan } from '../contracts/gradient-policy.js';
import type { RandomSource } from '../contracts/random-source.js';
import { DraftError } from '../errors/draft-error.js';

/** Changes that can be made to the plans of any algorithm; DRTune is made of both. */
export interface PlanModifiers {
  /** Shows the network `sg(x_t)`, so that gradient reaches earlier steps through the sampler alone. @default false */
  readonly stopGradient?: boolean | undefined;
  /** Ends sampling at a step drawn from `1..m`; 0 runs to the end. @default 0 */
  readonly earlyStop?: number | undefined;
}

/** The plan with the network's input detached, `ε_θ(sg(x_t), t)`. */
export const withStopGradient = (plan: Plan): Plan => ({ ...plan, detachInput: true });

/**
 * The plan with sampling ended at step `at`, where the one-step prediction takes the place of the rest.
 *
 * A plan that trains the end of the chain (one that cuts the state) goes on training as many steps at its new end:
 * DRaFT-1 becomes ReFL. Any other plan loses the steps that are not run. Were all of them lost, nothing would be
 * learnt in this iteration, so sampling then ends at the highest trained step instead.
 * @param at Within `1..plan.steps`.
 */
export const stoppedAt = (plan: Plan, at: number): Plan => {
  if (plan.cutState !== null) {
    const shift = at - Math.max(plan.stop, 1);
    const train = plan.train.map((t) => t + shift).filter((t) => t <= plan.steps);
    return { ...plan, train, stop: at, cutState: Math.min(plan.steps, plan.cutState + shift) };
  }
  const stop = Math.min(at, Math.max(...plan.train));
  return { ...plan, train: plan.train.filter((t) => t >= stop), stop };
};

/** The plan with sampling ended at a step drawn uniformly from `1..m`. */
export const withEarlyStop = (plan: Plan, m: number, random: RandomSource): Plan =>
  stoppedAt(plan, random.child('early-stop').integer(1, m));

/**
 * Refuses an early stop that leaves nothing to sample.
 * @param name What the user calls the option.
 * @throws DraftError `DRAFT_PLAN_INVALID` where `m` is no integer of `0..steps − 1`; 1 is fine for a single step.
 */
export const requireEarlyStop = (name: string, m: number, steps: number): void => {
  const largest = Math.max(1, steps - 1);
  if (Number.isInteger(m) && m >= 0 && m <= largest) return;
  throw new DraftError(
    'DRAFT_PLAN_INVALID',
    `${name} is ${m}, but a chain of ${steps} sampling steps can end early at ${largest === 1 ? 'step 1' : `the steps 1 to ${largest}`} only.`,
  );
};

/** The policy with every plan changed. */
export const modifyPolicy = (policy: GradientPolicy, modifiers: PlanModifiers): GradientPolicy => {
  const { stopGradient = false, earlyStop = 0 } = modifiers;
  return {
    validate(steps) {
      policy.validate(steps);
      requireEarlyStop('The option earlyStop', earlyStop, steps);
    },
    plan(context) {
      const drawn = policy.plan(context);
      const detached = stopGradient ? withStopGradient(drawn) : drawn;
      return earlyStop > 0 ? withEarlyStop(detached, earlyStop, context.random) : detached;
    },
  };
};
