import { after } from '../runtime/ordering.js';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../runtime/tf.js';
import { onTensorFlow } from './on-tensorflow.js';

type Shape4D = [number, number, number, number];

/**
 * Whether a convolution of stride 1 is faster as one product for each tap of its kernel: TensorFlow's kernels rearrange or widen all
 * of it first, which takes longer than to convolve where there are fewer places than channels.
 * @param result `[n, h', w', cout]`.
 */
export function goesTapByTap([n, height, width, channels]: Shape4D, stride: number): boolean {
  return stride === 1 && n * height * width < channels && onTensorFlow();
}

/** The matrix `[cin, cout]` of each tap: slices along the first axis are not copied. */
function matrices(weight: Tensor4D): (tap: number) => Tensor2D {
  const [height, width, inChannels, outChannels] = weight.shape;
  const all = tf.reshape(weight, [height * width, inChannels, outChannels]);
  return (tap) => tf.reshape(tf.slice(all, [tap, 0, 0], [1, -1, -1]), [inChannels, outChannels]);
}

/** One summand after the other, so that one part of a narrow kernel is widened at a time, and stays in the cache. */
function sumOfTaps(weight: Tensor4D, part: (tap: number, before: Tensor | undefined) => Tensor): Tensor {
  const [height, width] = weight.shape;
  let sum = part(0, undefined);
  for (let tap = 1; tap < height * width; tap++) sum = tf.add(sum, part(tap, sum));
  return sum;
}

/**
 * Cross-correlation of stride 1 without padding.
 * @param x `[n, h, w, cin]`, with its border.
 * @returns `[n, h', w', cout]`.
 */
export function convolveTapByTap(x: Tensor4D, weight: Tensor4D): Tensor4D {
  const [kernelHeight, kernelWidth, inChannels, outChannels] = weight.shape;
  const [n, height, width] = [x.shape[0], x.shape[1] - kernelHeight + 1, x.shape[2] - kernelWidth + 1];
  const matrix = matrices(weight);
  const sum = sumOfTaps(weight, (tap, before) => {
    const from: Shape4D = [0, Math.floor(tap / kernelWidth), tap % kernelWidth, 0];
    const rows = tf.reshape(tf.slice(x, from, [n, height, width, inChannels]), [-1, inChannels]);
    return tf.matMul(before ? after(rows, before) : rows, matrix(tap));
  });
  return tf.reshape(sum, [n, height, width, outChannels]);
}

/**
 * The gradient of such a convolution in its image.
 * @param dy `[n, h', w', cout]`.
 * @param shape The image's, without its border.
 * @param top Zeros above the image.
 * @param left Zeros beside it.
 */
export function inputGradientTapByTap(
  dy: Tensor4D,
  weight: Tensor4D,
  shape: Shape4D,
  top: number,
  left: number,
): Tensor4D {
  const [, kernelWidth, inChannels, outChannels] = weight.shape;
  const [n, height, width] = dy.shape;
  const rows = tf.reshape(dy, [-1, outChannels]);
  const matrix = matrices(weight);
  return sumOfTaps(weight, (tap, before) => {
    const part = tf.matMul(before ? after(rows, before) : rows, matrix(tap) as Tensor, false, true);
    const vertical = overlap(height, shape[1], Math.floor(tap / kernelWidth) - top);
    const horizontal = overlap(width, shape[2], (tap % kernelWidth) - left);
    const whole = tf.reshape(part, [n, height, width, inChannels]);
    const kept: Shape4D = [n, vertical.size, horizontal.size, inChannels];
    const cropped = tf.slice(whole, [0, vertical.from, horizontal.from, 0], kept);
    return tf.pad(cropped, [[0, 0], vertical.around, horizontal.around, [0, 0]]);
  }) as Tensor4D;
}

/** Which of `results` places a tap at `offset` reads from the image, and how many pixels lie around them there. */
function overlap(
  results: number,
  pixels: number,
  offset: number,
): { from: number; size: number; around: [number, number] } {
  const from = Math.min(results, Math.max(0, -offset));
  const size = Math.max(0, Math.min(results, pixels - offset) - from);
  const before = Math.min(pixels, Math.max(0, offset));
  return { from, size, around: [before, pixels - before - size] };
}
