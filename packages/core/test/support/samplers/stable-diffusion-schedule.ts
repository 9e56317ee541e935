import type { NoiseSchedule } from '@draft/core';

/**
 * Stable Diffusion's schedule: `β` linear in its square root from 0.00085 to 0.012, over 1000 timesteps;
 * rounded where PyTorch rounds to float32, so that tables can be compared closely.
 */
export const stableDiffusionSchedule = (overrides: Partial<NoiseSchedule> = {}): NoiseSchedule => {
  const round = Math.fround;
  const from = round(Math.sqrt(0.00085));
  const to = round(Math.sqrt(0.012));
  const stride = round(round(to - from) / 999);
  let product = 1;
  const alphasCumprod = Float64Array.from({ length: 1000 }, (_, index) => {
    // PyTorch counts the second half of a linspace from its end.
    const root = round(index < 500 ? from + round(stride * index) : to - round(stride * (999 - index)));
    product *= round(1 - round(root * root));
    return round(product);
  });
  return { alphasCumprod, predictionType: 'epsilon', stepsOffset: 1, setAlphaToOne: false, ...overrides };
};
