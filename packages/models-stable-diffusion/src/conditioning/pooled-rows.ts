import { type Tensor2D, type Tensor3D, tf } from '@draft/core';

/** How one tensor holds text states and, in rows of its own after them, a pooled embedding. */
export interface PooledRows {
  /** `[n, tokens, width]` and `[n, pooledWidth] -> [n, tokens + rows, width]`. */
  pack(states: Tensor3D, pooled: Tensor2D): Tensor3D;
  /** What was packed. */
  unpack(context: Tensor3D): { readonly states: Tensor3D; readonly pooled: Tensor2D };
}

/**
 * Puts a pooled embedding beside text states, so that all that a network reads of a prompt is one tensor, which
 * sampling and training repeat, join and hand on without knowing what is in it.
 * @param width Of the text states.
 */
export function createPooledRows(width: number, pooledWidth: number): PooledRows {
  const rows = Math.ceil(pooledWidth / width);
  return {
    pack(states, pooled) {
      const n = pooled.shape[0];
      const padded = tf.pad(pooled, [
        [0, 0],
        [0, rows * width - pooledWidth],
      ]);
      return tf.concat([states, tf.reshape(padded, [n, rows, width])], 1);
    },
    unpack(context) {
      const [n, all] = context.shape;
      const tokens = all - rows;
      const last: Tensor3D = tf.slice(context, [0, tokens, 0], [n, rows, width]);
      return {
        states: tf.slice(context, [0, 0, 0], [n, tokens, width]),
        pooled: tf.slice(tf.reshape(last, [n, rows * width]) as Tensor2D, [0, 0], [n, pooledWidth]),
      };
    },
  };
}
