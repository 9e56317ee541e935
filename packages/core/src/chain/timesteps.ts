import type { TimestepSpacing } from '../contracts/noise-schedule.js';
import { DraftError } from '../errors/draft-error.js';

/** How sampling steps are laid over the training timesteps. */
export interface SpreadOptions {
  /** Number of timesteps to return. */
  readonly steps: number;
  /** Training timesteps of the checkpoint, usually 1000. */
  readonly trainingSteps: number;
  readonly spacing: TimestepSpacing;
  /** Added in `leading` spacing, as far as the last training timestep allows. */
  readonly offset: number;
  /** Keeps `linspace` timesteps between integers. @default false */
  readonly fractional?: boolean;
}

/** The nearest integer; halves go to the even neighbour, as NumPy and PyTorch round. */
export const roundHalfToEven = (value: number): number => {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
};

/**
 * Refuses a number of sampling steps that no table can be made for.
 * @throws DraftError `DRAFT_SAMPLER_STEPS` where `steps` is no integer of `1..trainingSteps`.
 */
export const requireSteps = (steps: number, trainingSteps: number): void => {
  if (Number.isInteger(steps) && steps >= 1 && steps <= trainingSteps) return;
  throw new DraftError(
    'DRAFT_SAMPLER_STEPS',
    `The number of sampling steps must be an integer from 1 to ${trainingSteps}, not ${steps}.`,
  );
};

/**
 * Training timesteps of a sampling chain, descending:
 * `leading` `i·⌊T/N⌋ + offset`, `trailing` `T − i·T/N − 1`, `linspace` N points from 0 to `T − 1`.
 * @throws DraftError `DRAFT_SAMPLER_STEPS` where `steps` is no integer of `1..trainingSteps`.
 * @see {@link https://arxiv.org/abs/2305.08891} table 2, for the three spacings
 */
export const spreadTimesteps = (options: SpreadOptions): number[] => {
  const { steps, trainingSteps, spacing, offset, fractional = false } = options;
  requireSteps(steps, trainingSteps);
  const last = trainingSteps - 1;
  const indices = Array.from({ length: steps }, (_, index) => index);
  if (spacing === 'trailing') {
    const ratio = trainingSteps / steps;
    return indices.map((index) => roundHalfToEven(trainingSteps - index * ratio) - 1);
  }
  if (spacing === 'leading') {
    const ratio = Math.floor(trainingSteps / steps);
    // With (nearly) as many steps as training timesteps the offset would point past the last of them.
    const shift = Math.min(offset, last - (steps - 1) * ratio);
    return indices.map((index) => (steps - 1 - index) * ratio + shift);
  }
  if (steps === 1) return [0];
  const spread = indices.map((index) => (steps - 1 - index) * (last / (steps - 1)));
  return fractional ? spread : spread.map(roundHalfToEven);
};
