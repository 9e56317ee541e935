import { type Reward, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import type { JpegOptions } from './jpeg-options.js';
import { createJpegCodec } from './jpeg-round-trip.js';

/** Squared norms are taken to be at least this, since a root has no slope at 0. */
const smallestSquare = 1e-12;

/**
 * How much JPEG takes from each image, at least 0.
 * @returns A function from images `[n, height, width, 3]` in `[0, 1]` to `[n]`, owned by the caller.
 */
export const jpegLoss = ({ distance, ...options }: JpegOptions): ((images: Tensor4D) => Tensor1D) => {
  const codec = createJpegCodec(options);
  return (images) =>
    tf.tidy(() => {
      const squares = tf.square(tf.sub(images, codec.roundTrip(images)));
      if (distance === 'squared') return tf.mean(squares, [1, 2, 3]);
      return tf.sqrt(tf.maximum(tf.sum(squares, [1, 2, 3]), smallestSquare));
    });
};

/** Makes the reward for pictures that lose little to JPEG, or (sign +1) much. It holds no tensors. */
export const createJpegReward = (options: JpegOptions, sign: 1 | -1): Reward => {
  const loss = jpegLoss(options);
  return {
    differentiable: true,
    perSample: true,
    score: (images) => tf.tidy(() => tf.mul(loss(images), sign)),
    dispose: () => {},
  };
};
