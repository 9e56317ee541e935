import { type Tensor, tf } from '../runtime/tf.js';

/** Sigmoid linear unit, `x σ(x)`. */
export function silu<T extends Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x)) as T;
}
