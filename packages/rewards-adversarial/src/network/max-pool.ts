import { type Tensor4D, tf } from '@draft/core';

/** Columns `2j − 1`, `2j` and `2j + 1` of an image as `[even, odd, odd before]`, what lies outside being 0. */
function columnTriples(x: Tensor4D): [Tensor4D, Tensor4D, Tensor4D] {
  const [n, height, width, channels] = x.shape;
  const half = Math.ceil(width / 2);
  const even =
    width % 2 === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, 0],
          [0, 1],
          [0, 0],
        ]); // [n, h, 2 half, c]
  // Neighbours come to lie one behind the other in the last axis.
  const pairs: Tensor4D = tf.reshape(even, [n, height, half, 2 * channels]);
  const first = tf.slice(pairs, [0, 0, 0, 0], [-1, -1, -1, channels]);
  const second = tf.slice(pairs, [0, 0, 0, channels], [-1, -1, -1, channels]);
  const shifted = tf.pad(tf.slice(second, [0, 0, 0, 0], [-1, -1, half - 1, -1]), [
    [0, 0],
    [0, 0],
    [1, 0],
    [0, 0],
  ]);
  return [first, second, shifted];
}

/** Maximum over three neighbouring columns, every other column: `[n, h, w, c]` to `[n, h, ⌈w / 2⌉, c]`. */
function maxOfColumns(x: Tensor4D): Tensor4D {
  const [first, second, shifted] = columnTriples(x);
  return tf.maximum(tf.maximum(first, second), shifted);
}

/**
 * Max pooling of 3 × 3 with stride 2 and a border of 1, of values that are not negative, so that a border of 0 is one
 * of −∞. Made of ops that have a gradient on every back end, which TensorFlow.js's own max pooling has not.
 * @param x `[n, h, w, c]`, at least 0.
 * @returns `[n, ⌈h / 2⌉, ⌈w / 2⌉, c]`.
 */
export function maxPool(x: Tensor4D): Tensor4D {
  const turned: Tensor4D = tf.transpose(maxOfColumns(x), [0, 2, 1, 3]); // [n, ⌈w / 2⌉, h, c]
  return tf.transpose(maxOfColumns(turned), [0, 2, 1, 3]);
}
