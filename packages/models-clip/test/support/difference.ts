import type { Tensor } from '@draft/core';
import { expect } from 'vitest';

/** Largest difference, relative to the largest value that is expected. */
export async function difference(actual: Tensor, expected: Float32Array): Promise<number> {
  const values = await actual.data();
  expect(values).toHaveLength(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, index) => Math.max(most, Math.abs(value - values[index]!)), 0) / scale;
}
