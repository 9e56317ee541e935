import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@draft/core';
import { type BlockTransform, blockTransform } from './block-transform.js';
import { rgbToYcc, yccToRgb } from './color-transform.js';
import type { JpegOptions } from './jpeg-options.js';
import { mirrorPadding } from './mirror-padding.js';
import { quantisationTable } from './quantisation-table.js';
import { softRound } from './soft-round.js';

/** What JPEG does to pictures, as far as it loses anything. */
export interface JpegCodec {
  /**
   * Compresses and decompresses. Plain tensor code, differentiable with the soft rounding; the caller owns the
   * result.
   * @param images `[n, height, width, 3]` in `[0, 1]`, of any size.
   */
  roundTrip(images: Tensor4D, rounding?: <T extends Tensor>(values: T) => T): Tensor4D;
}

/** Rounds the frequencies of a plane, block by block. */
const quantise = (
  plane: Tensor3D,
  transform: BlockTransform,
  rounding: (values: Tensor) => Tensor,
): Tensor3D => {
  const { side } = transform;
  const [n, height, width] = plane.shape;
  const [rows, columns] = [height / side, width / side];
  const forward = tf.tensor2d(transform.forward, [side ** 2, 64]);
  const inverse = tf.tensor2d(transform.inverse, [64, side ** 2]);
  const tiles = tf.transpose(tf.reshape(plane, [n, rows, side, columns, side]), [0, 1, 3, 2, 4]);
  const frequencies = tf.matMul(tf.reshape(tiles, [n * rows * columns, side ** 2]), forward); // [blocks, 64]
  const restored = tf.matMul(rounding(frequencies) as typeof frequencies, inverse); // [blocks, side²]
  const untiled = tf.transpose(tf.reshape(restored, [n, rows, columns, side, side]), [0, 1, 3, 2, 4]);
  return tf.reshape(untiled, [n, height, width]);
};

/**
 * Makes the codec of one quality: JFIF colours, chrominance at half size (4:2:0), 8 × 8 cosine transforms,
 * quantisation, and the way back. The lossless part, which only packs the numbers, is left out.
 * @see Shin and Song, JPEG-resistant Adversarial Images, 2017
 */
export const createJpegCodec = (options: Pick<JpegOptions, 'quality' | 'tableOrientation'>): JpegCodec => {
  const luma = blockTransform(quantisationTable('luminance', options), 1);
  const chroma = blockTransform(quantisationTable('chrominance', options), 2);
  return {
    roundTrip: (images, rounding = softRound) =>
      tf.tidy(() => {
        const [n, height, width] = images.shape;
        const padded: Tensor4D = mirrorPadding(images, 16); // a block of subsampled chrominance covers 16 × 16 pixels
        const [, rows, columns] = padded.shape;
        const ycc = tf.reshape(rgbToYcc(tf.reshape(padded, [-1, 3])), [n, rows, columns, 3]);
        const [y, cb, cr] = tf.unstack(ycc, 3) as [Tensor3D, Tensor3D, Tensor3D];
        const luminance = quantise(y, luma, rounding);
        const colours = quantise(tf.concat([cb, cr]) as Tensor3D, chroma, rounding);
        const planes = [luminance, ...tf.split(colours, 2)];
        const pixels = yccToRgb(tf.reshape(tf.stack(planes, 3), [-1, 3]));
        const clamped = tf.div(tf.clipByValue(pixels, 0, 255), 255);
        const whole = tf.reshape(clamped, [n, rows, columns, 3]) as Tensor4D;
        return tf.slice(whole, [0, 0, 0, 0], [n, height, width, 3]);
      }),
  };
};
