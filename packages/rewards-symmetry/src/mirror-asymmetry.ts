import { type Tensor1D, type Tensor4D, tf } from '@draft/core';

/** The line that an image is mirrored at, named by the halves that change places. */
export type MirrorAxis = 'left-right' | 'top-bottom';

/**
 * The smallest variance that is divided by. An image whose contrast is below 1/1000 of the visible range is flat to
 * the eye; the bound keeps its value and its gradient finite and leaves every other image alone.
 */
const varianceFloor = 1e-6;

/**
 * How far images are from their own mirror image, `mean |I − flip(I)| / std(I)` of each: 0 is perfect symmetry,
 * 1.13 that of independent
 * Gaussian pixels. The standard deviation is the population's, over all pixels and channels.
 * @param images `[n, height, width, channels]`.
 * @returns `[n]`, owned by the caller.
 * @see DRTune (https://arxiv.org/abs/2405.00760), the symmetry reward
 */
export const mirrorAsymmetry = (images: Tensor4D, axis: MirrorAxis): Tensor1D =>
  tf.tidy(() => {
    const flipped = tf.reverse(images, axis === 'left-right' ? 2 : 1);
    const difference = tf.mean(tf.abs(tf.sub(images, flipped)), [1, 2, 3]); // [n]
    const centred = tf.sub(images, tf.mean(images, [1, 2, 3], true));
    const variance = tf.mean(tf.square(centred), [1, 2, 3]); // [n]
    return tf.div(difference, tf.sqrt(tf.maximum(variance, varianceFloor)));
  });
