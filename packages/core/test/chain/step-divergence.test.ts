import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import euler from '@draft/sampler-euler';
import { describe, expect, it } from 'vitest';
import { stepDivergences } from '../../src/chain/step-divergence.js';
import type { NoiseSchedule } from '../../src/contracts/noise-schedule.js';

const alphasCumprod = new Float64Array(1000);
let product = 1;
for (let t = 0; t < 1000; t++) {
  // Stable Diffusion's: the roots of the variances are linear.
  product *= 1 - (Math.sqrt(0.00085) + (t / 999) * (Math.sqrt(0.012) - Math.sqrt(0.00085))) ** 2;
  alphasCumprod[t] = product;
}
const schedule: NoiseSchedule = {
  alphasCumprod,
  predictionType: 'epsilon',
  stepsOffset: 1,
  setAlphaToOne: false,
};

/** The divergence of two Gaussians in one dimension, by a sum over a grid. */
const divergence = (distance: number, deviation: number): number => {
  const log = (x: number, mean: number) => -(((x - mean) / deviation) ** 2) / 2;
  const width = deviation / 200;
  let sum = 0;
  for (let x = -8 * deviation; x < 8 * deviation; x += width) {
    sum += Math.exp(log(x, 0)) * (log(x, 0) - log(x, distance)) * width;
  }
  return sum / (deviation * Math.sqrt(2 * Math.PI));
};

describe('stepDivergences', () => {
  it('are those of the Gaussians that a step with noise draws from', () => {
    const { steps } = ddpm.create({} as never).table(20, schedule);
    const weights = stepDivergences({ steps });
    for (const i of [0, 7, 18]) {
      const { b, c } = steps[i] as (typeof steps)[number];
      // Two noises that are 0.3 apart.
      expect(weights[i] as number).toBeCloseTo(divergence(0.3 * b, c) / 0.3 ** 2, 6);
    }
  });

  it('read a step without noise as DDPM does, whatever the scale of the state', () => {
    const of = (steps: readonly { readonly q: number }[]) =>
      stepDivergences({ steps: steps as never }).map((weight) => weight);
    const { steps } = ddim.create({ eta: 0 } as never).table(20, schedule);
    const weights = of(steps);
    steps.forEach(({ p }, i) => {
      const [share, next] = [1 / p ** 2, 1 / (steps[i + 1]?.p ?? 1) ** 2];
      const beta = 1 - share / next;
      expect(weights[i] as number).toBeCloseTo(beta ** 2 / (2 * beta * (share / next) * (1 - share)), 9);
    });
    // Every step counts, none without bounds.
    expect(Math.min(...weights)).toBeGreaterThan(0.01);
    expect(Math.max(...weights)).toBeLessThan(1);
    // Euler's state is larger, its steps lie elsewhere, but the weights go by the noise levels alone.
    const other = euler.create({} as never).table(20, schedule).steps;
    of(other).forEach((weight, i) => {
      const sigma = Math.abs(other[i]?.q ?? 0);
      const nextSigma = Math.abs(other[i + 1]?.q ?? 0);
      const beta = 1 - (1 + nextSigma ** 2) / (1 + sigma ** 2);
      expect(weight).toBeCloseTo((beta / (2 * (1 - beta))) * (1 + 1 / sigma ** 2), 9);
    });
  });
});
