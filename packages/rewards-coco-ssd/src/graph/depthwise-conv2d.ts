import { type Tensor3D, type Tensor4D, tf } from '@draft/core';

type Sides = readonly [before: number, after: number];

/** TensorFlow's `SAME`: `⌈size / stride⌉` results, the odd zero at the end. */
const sameSides = (size: number, kernel: number, stride: number): Sides => {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
};

/** Puts `stride − 1` zeros behind each row and each column. */
const spread = (dy: Tensor4D, stride: number): Tensor4D => {
  if (stride === 1) return dy;
  const [n, height, width, channels] = dy.shape;
  const zeros = (rows: number, columns: number) => tf.zeros([rows, stride - 1, columns]) as Tensor3D;
  const pixels = tf.reshape(dy, [n * height * width, 1, channels]) as Tensor3D;
  const wide = tf.concat([pixels, zeros(n * height * width, channels)], 1);
  const rows = tf.reshape(wide, [n * height, 1, width * stride * channels]) as Tensor3D;
  const tall = tf.concat([rows, zeros(n * height, width * stride * channels)], 1);
  return tf.reshape(tall, [n, height * stride, width * stride, channels]);
};

/** Zeros before, and zeros after or a cut, so that a convolution gives `size` results. */
const fitted = (
  z: Tensor4D,
  [height, width]: readonly [number, number],
  before: readonly [number, number],
  kernel: readonly [number, number],
): Tensor4D => {
  const wanted = [height + kernel[0] - 1, width + kernel[1] - 1] as const;
  const kept = [
    Math.min(z.shape[1], wanted[0] - before[0]),
    Math.min(z.shape[2], wanted[1] - before[1]),
  ] as const;
  const cut = tf.slice(z, [0, 0, 0, 0], [z.shape[0], kept[0], kept[1], z.shape[3]]);
  return tf.pad(cut, [
    [0, 0],
    [before[0], wanted[0] - before[0] - kept[0]],
    [before[1], wanted[1] - before[1] - kept[1]],
    [0, 0],
  ]);
};

/**
 * Convolution of each channel by itself, `y[i, j, c] = Σ W[p, q, c] · x[s i + p − top, s j + q − left, c]`,
 * differentiable in the image on every back end: the gradient is the same convolution with the kernel turned round, of
 * the result's gradient with zeros between its pixels.
 * @param x `[n, h, w, c]`.
 * @param filter `[kh, kw, c, 1]`.
 */
export const depthwiseConv2d = (
  x: Tensor4D,
  filter: Tensor4D,
  stride: number,
  pad: 'same' | 'valid',
): Tensor4D => {
  const [, height, width] = x.shape;
  const [kernelHeight, kernelWidth] = filter.shape;
  const none: Sides = [0, 0];
  const top = (pad === 'same' ? sameSides(height, kernelHeight, stride) : none)[0];
  const left = (pad === 'same' ? sameSides(width, kernelWidth, stride) : none)[0];
  const convolve = tf.customGrad((image) => ({
    value: tf.depthwiseConv2d(image as Tensor4D, filter, stride, pad),
    gradFunc: (dy) => {
      const before = [kernelHeight - 1 - top, kernelWidth - 1 - left] as const;
      const z = fitted(spread(dy as Tensor4D, stride), [height, width], before, [kernelHeight, kernelWidth]);
      return tf.depthwiseConv2d(z, tf.reverse(filter, [0, 1]), 1, 'valid');
    },
  }));
  return convolve(x) as Tensor4D;
};
