import { type Tensor, tf } from '../runtime/tf.js';

/** The sigmoid approximation of GELU that OpenAI's CLIP uses, `x σ(1.702 x)`. */
export function quickGelu<T extends Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))) as T;
}
