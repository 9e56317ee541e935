import { type Tensor4D, tf } from '@draft/core';

/** An angle by which pictures can be turned without resampling, in degrees. */
export type QuarterTurn = 90 | 180 | 270;

/**
 * Turns images counter-clockwise.
 * @param images `[n, height, width, channels]`.
 * @returns The same, with height and width exchanged for 90 and 270; owned by the caller.
 */
export const rotateImages = (images: Tensor4D, angle: QuarterTurn): Tensor4D =>
  tf.tidy(() => {
    if (angle === 180) return tf.reverse(images, [1, 2]);
    const transposed = tf.transpose(images, [0, 2, 1, 3]);
    return tf.reverse(transposed, angle === 90 ? 1 : 2);
  });
