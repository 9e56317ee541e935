import { expect } from 'vitest';
import { type Tensor, tf } from '../../src/runtime/tf.js';
import { signs } from './random-tensor.js';

/**
 * Central difference of a scalar function along one direction in each of its arguments:
 * `(f(x + h d) − f(x − h d)) / 2 h`.
 */
function centralDifference(
  f: (inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  directions: readonly Tensor[],
  step: number,
): number {
  const at = (h: number): number => {
    const value = tf.tidy(() => f(inputs.map((x, i) => tf.add(x, tf.mul(directions[i] as Tensor, h)))));
    const [number] = value.dataSync();
    value.dispose();
    return number as number;
  };
  return (at(step) - at(-step)) / (2 * step);
}

/**
 * Expects gradients to agree with central differences, one argument at a time, along random directions of ±1:
 * there `⟨g, d⟩` is as large as `‖g‖` on average, and the error allowed is a share of `‖g‖`.
 * @param tolerance The default allows for float32: rounding by 1e-7 of the value over a step of 1e-2, and the
 * third derivative times its square.
 */
export function expectFiniteDifference(
  f: (inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  gradients: readonly Tensor[],
  { step = 1e-2, tolerance = 5e-3 }: { readonly step?: number; readonly tolerance?: number } = {},
): void {
  for (const [i, gradient] of gradients.entries()) {
    const directions = inputs.map((x, j) => (i === j ? signs(x.shape, 100 + i) : tf.zerosLike(x)));
    const [along, norm] = tf.tidy(() => [
      tf.sum(tf.mul(gradient, directions[i] as Tensor)).dataSync()[0] as number,
      tf.norm(gradient).dataSync()[0] as number,
    ]) as unknown as [number, number];
    const difference = centralDifference(f, inputs, directions, step);
    tf.dispose(directions);
    const error = Math.abs(difference - along) / Math.max(norm, 1e-6);
    expect(error, `input ${i}: difference ${difference}, gradient ${along}`).toBeLessThan(tolerance);
  }
}
