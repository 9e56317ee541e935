import { type Tensor, type Tensor4D, tf } from '@draft/core';

/**
 * Weights `[size, length]` of bilinear resampling as TensorFlow 1 has it: result `i` lies at `i · length / size`, between
 * its two neighbours.
 */
const weightsOf = (length: number, size: number): Float32Array => {
  const weights = new Float32Array(size * length);
  for (let i = 0; i < size; i += 1) {
    // In float32, as the kernels do it.
    const at = Math.fround(i * Math.fround(length / size));
    const low = Math.min(Math.floor(at), length - 1);
    const high = Math.min(low + 1, length - 1);
    const share = Math.fround(at - low);
    weights[i * length + low] = (weights[i * length + low] ?? 0) + 1 - share;
    weights[i * length + high] = (weights[i * length + high] ?? 0) + share;
  }
  return weights;
};

const alongFirst = (x: Tensor, size: number): Tensor => {
  const [length, ...rest] = x.shape as [number, ...number[]];
  if (length === size) return x;
  const product = tf.matMul(
    tf.tensor2d(weightsOf(length, size), [size, length]),
    tf.reshape(x, [length, -1]),
  );
  return tf.reshape(product, [size, ...rest]);
};

/** Stretches images `[n, height, width, 3]` to `[n, rows, columns, 3]`; plain tensor code, differentiable. */
export const legacyResize = (images: Tensor4D, rows: number, columns: number): Tensor4D => {
  const tall = alongFirst(tf.transpose(images, [1, 0, 2, 3]), rows); // [rows, n, width, 3]
  const wide = alongFirst(tf.transpose(tall, [2, 1, 0, 3]), columns); // [columns, n, rows, 3]
  return tf.transpose(wide, [1, 2, 0, 3]) as Tensor4D;
};
