import type { SamplerStep } from '@draft/core';

/**
 * Our tables combine the noise ε; the reference's combine what the network returns. For a velocity
 * `ε = √ᾱ v + √(1−ᾱ) · inputScale · x`, with `√ᾱ = inputScale / p`.
 */
export const asRawOutput = (step: SamplerStep, prediction: string): SamplerStep => {
  if (prediction === 'epsilon') return step;
  const signal = step.inputScale / step.p;
  const noise = Math.sqrt(Math.max(0, 1 - signal ** 2)) * step.inputScale;
  return {
    ...step,
    a: step.a + step.b * noise,
    b: step.b * signal,
    p: step.p + step.q * noise,
    q: step.q * signal,
  };
};

/** The largest difference, as a share of the largest number. */
export const relativeError = (actual: readonly number[], expected: readonly number[]): number => {
  if (actual.length !== expected.length) throw new Error(`${actual.length} numbers, not ${expected.length}`);
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  return Math.max(...actual.map((value, index) => Math.abs(value - expected[index]!))) / scale;
};
