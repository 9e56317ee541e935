import type { Adapter } from '../contracts/diffusion-model.js';
import { type Tensor, tf } from '../runtime/tf.js';

/** A linear map's weights. */
export interface LinearWeights {
  /** `[out, in]`. */
  readonly weight: Tensor;
  /** `[out]`. */
  readonly bias?: Tensor | undefined;
}

/** Linear map over the last axis, with low-rank updates. */
export function linear<T extends Tensor>(x: T, weights: LinearWeights, adapters: readonly Adapter[] = []): T {
  const width = x.shape[x.rank - 1] ?? 1;
  const rows = tf.reshape(x, [-1, width]); // [rows, in]
  let y = tf.matMul(rows, weights.weight as never, false, true) as Tensor;
  if (weights.bias) y = tf.add(y, weights.bias);
  for (const { down, up, scale } of adapters) {
    const low = tf.matMul(rows, down as never, false, true);
    y = tf.add(y, tf.mul(tf.matMul(low, up as never, false, true), scale));
  }
  return tf.reshape(y, [...x.shape.slice(0, -1), weights.weight.shape[0] ?? 1]) as T;
}
