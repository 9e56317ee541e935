import { type Tensor, tf } from '../runtime/tf.js';

/** Gaussian error linear unit, `x Φ(x)`, exact. */
export function gelu<T extends Tensor>(x: T): T {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)) as T;
}
