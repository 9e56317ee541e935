import type { Tensor } from '@draft/core';

/** The largest difference between two tensors, in units of the largest expected number. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) {
    throw new Error(`the shape is [${actual.shape}], not [${expected.shape}]`);
  }
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < b.length; i++) {
    // A number that is none must not slip through `Math.max`'s comparisons.
    if (!Number.isFinite(a[i]!)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return difference / scale;
}
