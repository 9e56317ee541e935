import { type Tensor1D, type Tensor4D, tf } from '@draft/core';
import { type QuarterTurn, rotateImages } from './rotate-images.js';

/**
 * The smallest variance that is divided by. An image whose contrast is below 1/1000 of the visible range is flat to
 * the eye; the bound keeps its value and its gradient finite and leaves every other image alone.
 */
const varianceFloor = 1e-6;

/** The largest square in the middle of each image. */
const middleSquare = (images: Tensor4D): Tensor4D => {
  const [count, height, width, channels] = images.shape;
  if (height === width) return images;
  const side = Math.min(height, width);
  const top = Math.floor((height - side) / 2);
  const left = Math.floor((width - side) / 2);
  return tf.slice(images, [0, top, left, 0], [count, side, side, channels]);
};

/**
 * How much images are like themselves turned by an angle: the correlation over all pixels and channels,
 * `mean((I − Ī) · R(I − Ī)) / var(I)`, in [−1, 1]. Of an image that is no square, the middle is taken.
 * @param images `[n, height, width, channels]`.
 * @returns `[n]`, owned by the caller.
 */
export const rotationCorrelation = (images: Tensor4D, angle: QuarterTurn): Tensor1D =>
  tf.tidy(() => {
    const square = middleSquare(images);
    const centred = tf.sub(square, tf.mean(square, [1, 2, 3], true)) as Tensor4D;
    const variance = tf.mean(tf.square(centred), [1, 2, 3]); // [n]
    const product = tf.mean(tf.mul(centred, rotateImages(centred, angle)), [1, 2, 3]); // [n]
    return tf.div(product, tf.maximum(variance, varianceFloor));
  });
