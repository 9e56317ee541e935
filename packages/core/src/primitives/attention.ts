import { type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';

/** How queries meet keys. */
export interface AttentionOptions {
  readonly heads: number;
  /** Whether a query sees only keys at its own position and before. @default false */
  readonly causal?: boolean;
  /** @default 1/√d */
  readonly scale?: number;
}

/** Multi-head scaled dot-product attention. */
export function attention(q: Tensor3D, k: Tensor3D, v: Tensor3D, options: AttentionOptions): Tensor3D {
  const { heads, causal = false } = options;
  const scale = options.scale ?? 1 / Math.sqrt(q.shape[2] / heads);
  const split = (x: Tensor3D): Tensor4D =>
    tf.transpose(tf.reshape(x, [x.shape[0], x.shape[1], heads, x.shape[2] / heads]), [0, 2, 1, 3]);
  let logits = tf.mul(tf.matMul(split(q), split(k), false, true), scale); // [n, heads, tq, tk]
  if (causal) {
    const [tq, tk] = [q.shape[1], k.shape[1]];
    const later = tf.greater(tf.expandDims(tf.range(0, tk), 0), tf.expandDims(tf.range(0, tq), 1));
    logits = tf.add(logits, tf.mul(tf.cast(later, 'float32'), -1e9));
  }
  const o = tf.matMul(tf.softmax(logits), split(v)); // [n, heads, tq, dv]
  return tf.reshape(tf.transpose(o, [0, 2, 1, 3]), [q.shape[0], q.shape[1], v.shape[2]]);
}
