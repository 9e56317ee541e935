import { type Tensor, tf } from '../runtime/tf.js';
import { gelu } from './gelu.js';

/** Gated GELU over the last axis: `value · gelu(gate)`, value in the first half. */
export function geglu<T extends Tensor>(x: T): T {
  const [value, gate] = tf.split(x, 2, -1) as [Tensor, Tensor];
  return tf.mul(value, gelu(gate)) as T;
}
