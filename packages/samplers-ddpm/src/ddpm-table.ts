import {
  type NoiseSchedule,
  type SamplerStep,
  type SamplerTable,
  spreadTimesteps,
  type TimestepSpacing,
} from '@draft/core';

/**
 * The coefficients of one ancestral step from `ᾱ` to `ᾱ_p`, equations 6 and 7 with the smaller variance:
 * `α = ᾱ/ᾱ_p`, `β = 1 − α`,
 * `x_next = √ᾱ_p β/(1−ᾱ) x̂₀ + √α (1−ᾱ_p)/(1−ᾱ) x + √((1−ᾱ_p)/(1−ᾱ) β) z`.
 */
const ddpmStep = (timestep: number, alpha: number, previous: number): SamplerStep => {
  const retained = alpha / previous;
  const added = 1 - retained;
  const p = 1 / Math.sqrt(alpha);
  const q = -Math.sqrt((1 - alpha) / alpha);
  const clean = (Math.sqrt(previous) * added) / (1 - alpha);
  const noisy = (Math.sqrt(retained) * (1 - previous)) / (1 - alpha);
  return {
    timestep,
    inputScale: 1,
    a: clean * p + noisy,
    b: clean * q,
    h: 0,
    c: Math.sqrt(((1 - previous) / (1 - alpha)) * added),
    p,
    q,
  };
};

/**
 * The table of a DDPM chain of `steps` steps, numerically equal to diffusers' `DDPMScheduler` with its small
 * fixed variance. The last step goes to `ᾱ = 1` whatever the schedule says: it returns `x̂₀`, without noise.
 * @see {@link https://arxiv.org/abs/2006.11239}
 */
export const ddpmTable = (steps: number, schedule: NoiseSchedule, spacing: TimestepSpacing): SamplerTable => {
  const { alphasCumprod, stepsOffset: offset } = schedule;
  const timesteps = spreadTimesteps({ steps, trainingSteps: alphasCumprod.length, spacing, offset });
  return {
    initialNoiseScale: 1,
    steps: timesteps.map((timestep, index) => {
      const next = timesteps[index + 1];
      return ddpmStep(timestep, alphasCumprod[timestep]!, next === undefined ? 1 : alphasCumprod[next]!);
    }),
  };
};
