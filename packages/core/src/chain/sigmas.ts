import type { NoiseSchedule } from '../contracts/noise-schedule.js';

/** Noise level in proportion to the signal at each training timestep, `σ_t = √((1 − ᾱ_t) / ᾱ_t)`, ascending. */
export const sigmasOf = (schedule: NoiseSchedule): Float64Array =>
  schedule.alphasCumprod.map((alpha) => Math.sqrt((1 - alpha) / alpha));

/** The noise level at a timestep that may be fractional, linear between its neighbours. */
export const sigmaAt = (sigmas: Float64Array, timestep: number): number => {
  const below = Math.min(Math.max(Math.floor(timestep), 0), sigmas.length - 1);
  const above = Math.min(below + 1, sigmas.length - 1);
  const weight = timestep - below;
  return sigmas[below]! + weight * (sigmas[above]! - sigmas[below]!);
};
