import {
  type NoiseSchedule,
  type SamplerTable,
  sigmaAt,
  sigmasOf,
  spreadTimesteps,
  type TimestepSpacing,
} from '@draft/core';

/**
 * The table of an Euler chain of `steps` steps, numerically equal to diffusers' `EulerDiscreteScheduler`, and with
 * `ancestral` to its `EulerAncestralDiscreteScheduler`.
 *
 * The state is `x = x₀ + σ ε`, the network sees `x / √(σ² + 1)`, and a step is
 * `x_next = x + (σ' − σ) ε`, down to `σ' = 0`. In `linspace` spacing the timesteps lie between integers.
 * An ancestral step goes down to `σ_d = √(σ'² − σ_u²)` and adds noise, `σ_u² = σ'² (σ² − σ'²) / σ²`.
 * @see {@link https://arxiv.org/abs/2206.00364} algorithm 2 without its second-order correction and churn
 */
export const eulerTable = (
  steps: number,
  schedule: NoiseSchedule,
  spacing: TimestepSpacing,
  ancestral = false,
): SamplerTable => {
  const training = sigmasOf(schedule);
  const timesteps = spreadTimesteps({
    steps,
    trainingSteps: training.length,
    spacing,
    offset: schedule.stepsOffset,
    fractional: true,
  });
  const sigmas = timesteps.map((timestep) => sigmaAt(training, timestep));
  const largest = sigmas[0]!;
  return {
    // A chain that begins below the last training timestep begins with signal in it: total variance σ² + 1.
    initialNoiseScale: spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    steps: timesteps.map((timestep, index) => {
      const sigma = sigmas[index]!;
      const next = sigmas[index + 1] ?? 0;
      const inputScale = 1 / Math.sqrt(sigma ** 2 + 1);
      const up = ancestral ? Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2) : 0;
      const down = Math.sqrt(Math.max(0, next ** 2 - up ** 2));
      return { timestep, inputScale, a: 1, b: down - sigma, h: 0, c: up, p: 1, q: -sigma };
    }),
  };
};
