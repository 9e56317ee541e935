import { DraftError, type NoiseSchedule, type SamplerTable } from '@draft/core';

/** The timestep is multiplied by it before the boundary condition is taken. */
const timestepScaling = 10;
/** Standard deviation of the data that the boundary condition assumes. */
const dataDeviation = 0.5;

/**
 * The table of a chain of a latent consistency model, numerically equal to diffusers' `LCMScheduler`: each step
 * predicts the clean latents, `x̂₀ = c_skip x + c_out (x − √(1−ᾱ) ε) / √ᾱ`, and noises them anew,
 * `x_next = √ᾱ' x̂₀ + √(1−ᾱ') z`; the last step keeps them.
 * @param originalSteps Steps of the sampler that the model was distilled from.
 * @throws DraftError `DRAFT_SAMPLER_STEPS` where there are more steps than those.
 * @see Luo et al. 2023, Latent Consistency Models: Synthesizing High-Resolution Images with Few-Step Inference
 */
export const lcmTable = (steps: number, schedule: NoiseSchedule, originalSteps: number): SamplerTable => {
  const { alphasCumprod } = schedule;
  const original = Math.min(originalSteps, alphasCumprod.length);
  if (!Number.isInteger(steps) || steps < 1 || steps > original) {
    throw new DraftError(
      'DRAFT_SAMPLER_STEPS',
      `The number of sampling steps must be an integer from 1 to ${original}, the steps that a latent consistency ` +
        `model was distilled from, not ${steps}.`,
    );
  }
  const stride = Math.floor(alphasCumprod.length / original);
  const timesteps = Array.from({ length: steps }, (_, index) => {
    const place = Math.floor((index * original) / steps);
    return (original - place) * stride - 1;
  });
  return {
    initialNoiseScale: 1,
    steps: timesteps.map((timestep, index) => {
      const alpha = alphasCumprod[timestep]!;
      const scaled = timestep * timestepScaling;
      const skip = dataDeviation ** 2 / (scaled ** 2 + dataDeviation ** 2);
      const out = scaled / Math.sqrt(scaled ** 2 + dataDeviation ** 2);
      const p = skip + out / Math.sqrt(alpha);
      const q = -out * Math.sqrt((1 - alpha) / alpha);
      const following = timesteps[index + 1];
      const next = following === undefined ? 1 : alphasCumprod[following]!;
      const signal = Math.sqrt(next);
      return {
        timestep,
        inputScale: 1,
        a: signal * p,
        b: signal * q,
        h: 0,
        c: Math.sqrt(1 - next),
        p,
        q,
      };
    }),
  };
};
