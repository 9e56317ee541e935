import { expect } from 'vitest';
import type { Tensor } from '../../src/runtime/tf.js';

/** Largest difference of two tensors, relative to the largest magnitude of the expected one. */
function relativeError(actual: Tensor, expected: Tensor): number {
  const [a, e] = [actual.dataSync(), expected.dataSync()];
  let [difference, magnitude] = [0, 1e-30];
  for (let i = 0; i < e.length; i++) {
    const error = Math.abs((a[i] ?? Number.NaN) - (e[i] as number));
    difference = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(difference, error);
    magnitude = Math.max(magnitude, Math.abs(e[i] as number));
  }
  return difference / magnitude;
}

/**
 * Expects two tensors of one shape to agree to `tolerance` of the largest magnitude.
 * @param tolerance The default allows for float32 sums of some hundred terms in another order.
 */
export function expectClose(actual: Tensor, expected: Tensor, tolerance = 2e-5, what = 'tensor'): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape);
  expect(relativeError(actual, expected), `relative error of ${what}`).toBeLessThan(tolerance);
}
