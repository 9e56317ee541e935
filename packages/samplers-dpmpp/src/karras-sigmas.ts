import { roundHalfToEven } from '@draft/core';

/**
 * Noise levels that crowd towards the small end, equation 5:
 * `σ_i = (σ_max^(1/ρ) + i/(N−1) (σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ`, descending.
 * @param training Noise levels of the training timesteps, ascending; the first and the last bound the result.
 * @see {@link https://arxiv.org/abs/2206.00364}
 */
export const karrasSigmas = (steps: number, training: Float64Array, rho = 7): number[] => {
  const smallest = training[0]! ** (1 / rho);
  const largest = training[training.length - 1]! ** (1 / rho);
  return Array.from({ length: steps }, (_, index) => {
    const share = steps === 1 ? 0 : index / (steps - 1);
    return (largest + share * (smallest - largest)) ** rho;
  });
};

/** The training timestep whose noise level is nearest to `sigma` on a logarithmic scale. */
export const nearestTimestep = (sigma: number, training: Float64Array): number => {
  const last = training.length - 2;
  let below = 0;
  while (below < last && training[below + 1]! <= sigma) below += 1;
  const low = Math.log(training[below]!);
  const high = Math.log(training[below + 1]!);
  const share = Math.min(1, Math.max(0, (Math.log(sigma) - low) / (high - low)));
  return roundHalfToEven(below + share);
};
