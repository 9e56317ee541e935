import { type Tensor4D, tf } from '@draft/core';

/** Every second column from `first` on, `count` of them: `[n, h, w, c]` to `[n, h, count, c]`. */
const everySecond = (x: Tensor4D, first: number, count: number): Tensor4D => {
  const [n, height, width, channels] = x.shape;
  const kept = tf.slice(x, [0, 0, first, 0], [n, height, Math.min(2 * count, width - first), channels]);
  const missing = 2 * count - kept.shape[2];
  const even =
    missing === 0
      ? kept
      : tf.pad(kept, [
          [0, 0],
          [0, 0],
          [0, missing],
          [0, 0],
        ]);
  // Neighbours come to lie one behind the other in the last axis.
  const pairs = tf.reshape(even, [n, height, count, 2 * channels]) as Tensor4D;
  return tf.slice(pairs, [0, 0, 0, 0], [n, height, count, channels]);
};

const maxOfColumns = (x: Tensor4D, window: number): Tensor4D => {
  const count = Math.floor((x.shape[2] - window) / 2) + 1;
  const columns = Array.from({ length: window }, (_, i) => everySecond(x, i, count));
  return columns.reduce((most, column) => tf.maximum(most, column));
};

/**
 * Max pooling of `window × window` with stride 2 and no border. Made of ops that have a gradient on every back end, which
 * TensorFlow.js's own max pooling has not.
 * @param x `[n, h, w, c]`.
 * @returns `[n, ⌊(h − window) / 2⌋ + 1, ⌊(w − window) / 2⌋ + 1, c]`.
 */
export const maxPool = (x: Tensor4D, window: 2 | 3): Tensor4D => {
  const turned = tf.transpose(maxOfColumns(x, window), [0, 2, 1, 3]) as Tensor4D; // [n, w', h, c]
  return tf.transpose(maxOfColumns(turned, window), [0, 2, 1, 3]) as Tensor4D;
};
