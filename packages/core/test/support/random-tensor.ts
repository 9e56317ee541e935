import { type Tensor, tf } from '../../src/runtime/tf.js';

/** Standard normal numbers, the same for the same seed. */
export function normal<T extends Tensor = Tensor>(shape: readonly number[], seed: number): T {
  return tf.randomNormal([...shape] as [number], 0, 1, 'float32', seed) as unknown as T;
}

/** Minus or plus one, the same for the same seed. */
export function signs(shape: readonly number[], seed: number): Tensor {
  return tf.tidy(() => tf.sub(tf.mul(tf.cast(tf.greater(normal(shape, seed), 0), 'float32'), 2), 1));
}
