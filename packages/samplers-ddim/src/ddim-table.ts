import {
  type NoiseSchedule,
  type SamplerStep,
  type SamplerTable,
  spreadTimesteps,
  type TimestepSpacing,
} from '@draft/core';

/** Settings of a DDIM chain. */
export interface DdimSettings {
  /** Share of the noise of DDPM that each step adds back, `0..1`; 0 is deterministic. */
  readonly eta: number;
  readonly spacing: TimestepSpacing;
}

/**
 * The coefficients of one DDIM step from `ᾱ` to `ᾱ_p`, equations 12 and 16:
 * `x̂₀ = (x − √(1−ᾱ) ε) / √ᾱ`, `σ² = η² (1−ᾱ_p)/(1−ᾱ) (1 − ᾱ/ᾱ_p)`,
 * `x_next = √ᾱ_p x̂₀ + √(1 − ᾱ_p − σ²) ε + σ z`.
 */
const ddimStep = (timestep: number, alpha: number, previous: number, eta: number): SamplerStep => {
  const variance = eta ** 2 * ((1 - previous) / (1 - alpha)) * (1 - alpha / previous);
  const p = 1 / Math.sqrt(alpha);
  const q = -Math.sqrt((1 - alpha) / alpha);
  const signal = Math.sqrt(previous);
  // Rounding may leave a difference of equal numbers just below zero.
  const direction = Math.sqrt(Math.max(0, 1 - previous - variance));
  return {
    timestep,
    inputScale: 1,
    a: signal * p,
    b: signal * q + direction,
    h: 0,
    c: Math.sqrt(Math.max(0, variance)),
    p,
    q,
  };
};

/**
 * The table of a DDIM chain of `steps` steps, numerically equal to diffusers' `DDIMScheduler`.
 *
 * A step goes back by `⌊T/N⌋` timesteps whatever the spacing is, as the reference does: in `linspace` and
 * `trailing` spacing that may differ from the timestep at which the network is evaluated next.
 * @see {@link https://arxiv.org/abs/2010.02502}
 */
export const ddimTable = (steps: number, schedule: NoiseSchedule, settings: DdimSettings): SamplerTable => {
  const { alphasCumprod, stepsOffset: offset, setAlphaToOne } = schedule;
  const trainingSteps = alphasCumprod.length;
  const timesteps = spreadTimesteps({ steps, trainingSteps, spacing: settings.spacing, offset });
  const stride = Math.floor(trainingSteps / steps);
  const final = setAlphaToOne ? 1 : alphasCumprod[0]!;
  return {
    initialNoiseScale: 1,
    steps: timesteps.map((timestep) => {
      const previous = alphasCumprod[timestep - stride] ?? final;
      return ddimStep(timestep, alphasCumprod[timestep]!, previous, settings.eta);
    }),
  };
};
