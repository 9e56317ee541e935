import { expect } from 'vitest';
import { type Tensor, tf } from '../../src/runtime/tf.js';
import { expectClose } from './close.js';
import { expectFiniteDifference } from './finite-difference.js';
import { normal } from './random-tensor.js';

type Function = (...inputs: Tensor[]) => Tensor;

/** Tolerances of `checkPrimitive`, each with a default for float32. */
export interface CheckOptions {
  readonly close?: number;
  readonly step?: number;
  readonly difference?: number;
}

/**
 * Expects a primitive to agree with plain tensor code in its value and in the gradient of every input, asked for
 * together and one by one; to agree with central differences; and to leave no tensor behind.
 */
export function checkPrimitive(
  primitive: Function,
  reference: Function,
  shapes: readonly (readonly number[])[],
  { close = 2e-5, step = 1e-2, difference = 5e-3 }: CheckOptions = {},
): void {
  const inputs = shapes.map((shape, i) => normal(shape, i + 1));
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const expected = reference(...inputs);
    expectClose(primitive(...inputs), expected, close, 'value');
    const cotangent = normal(expected.shape, 77);
    const loss =
      (f: Function): Function =>
      (...xs) =>
        tf.sum(tf.mul(f(...xs), cotangent));
    const gradients = tf.grads(loss(primitive))([...inputs]);
    const wanted = tf.grads(loss(reference))([...inputs]);
    for (const [i, x] of inputs.entries()) {
      expectClose(gradients[i] as Tensor, wanted[i] as Tensor, close, `gradient of input ${i}`);
      const alone = tf.grad((t: Tensor) => loss(primitive)(...inputs.map((y, j) => (i === j ? t : y))))(x);
      expectClose(alone, gradients[i] as Tensor, 1e-6, `gradient of input ${i} alone`);
    }
    const f = (xs: readonly Tensor[]): Tensor => loss(primitive)(...xs);
    expectFiniteDifference(f, inputs, gradients, { step, tolerance: difference });
  });
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  tf.dispose(inputs);
}
