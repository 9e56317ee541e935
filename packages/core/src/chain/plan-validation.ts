import type { Plan } from '../contracts/gradient-policy.js';
import { DraftError } from '../errors/draft-error.js';

const integerWithin = (value: number, from: number, to: number) =>
  Number.isInteger(value) && value >= from && value <= to;

/** What is wrong with the list of trained steps, given that the rest of the plan is sound. */
const trainingFaults = ({ steps, train, stop, cutState }: Plan): string[] => {
  const lowest = Math.max(stop, 1);
  const outside = train.filter((t) => !integerWithin(t, lowest, steps));
  const unreached = cutState === null ? [] : train.filter((t) => t > cutState);
  const faults: string[] = [];
  if (train.length === 0) faults.push('It trains no step.');
  if (outside.length > 0) {
    faults.push(`It trains step ${outside.join(', ')}, but only the steps ${lowest} to ${steps} are run.`);
  }
  if (train.some((t, index) => index > 0 && t >= train[index - 1]!)) {
    faults.push(`Its trained steps ${train.join(', ')} do not fall strictly.`);
  }
  if (unreached.length > 0) {
    faults.push(`It trains step ${unreached.join(', ')}, but detaches the state before step ${cutState}.`);
  }
  return faults;
};

/** All that is wrong with a plan, one sentence each; empty for a sound one. */
export const planFaults = (plan: Plan): string[] => {
  const { steps, stop, cutState, copies } = plan;
  const faults: string[] = [];
  if (!Number.isInteger(steps) || steps < 1) faults.push(`It has ${steps} sampling steps, not 1 or more.`);
  if (!integerWithin(stop, 0, steps)) faults.push(`It stops at step ${stop}, outside 0 to ${steps}.`);
  if (cutState !== null && !integerWithin(cutState, 1, steps)) {
    faults.push(`It detaches the state before step ${cutState}, outside 1 to ${steps}.`);
  }
  if (!Number.isInteger(copies) || copies < 0) faults.push(`It has ${copies} noisy copies, not 0 or more.`);
  return faults.length > 0 ? faults : trainingFaults(plan);
};

/**
 * Refuses a plan that cannot be executed.
 * @throws DraftError `DRAFT_PLAN_INVALID`, with one sentence per fault.
 */
export const validatePlan = (plan: Plan): void => {
  const faults = planFaults(plan);
  if (faults.length === 0) return;
  throw new DraftError('DRAFT_PLAN_INVALID', `The training plan cannot be executed. ${faults.join(' ')}`);
};
