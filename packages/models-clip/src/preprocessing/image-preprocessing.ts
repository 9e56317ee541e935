import { type Tensor, type Tensor4D, tf } from '@draft/core';
import { fitWeights, type ImageFit, type MiddleCrop } from './image-fit.js';
import type { ResizeFilter } from './resize-weights.js';
import { roundToBytes } from './round-to-bytes.js';

/** Mean and standard deviation of each channel, which images are normalised by. */
export interface ChannelStatistics {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** The statistics that all CLIP models were trained with. */
export const clipStatistics: ChannelStatistics = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** How images are made what a vision tower reads. */
export interface PreprocessingOptions extends ResizeFilter {
  /** Side of the square that the tower reads, in pixels. */
  readonly size: number;
  readonly fit: ImageFit;
  /** How `crop` takes the middle. @default the short side fits the square, half pixels are rounded down */
  readonly crop?: MiddleCrop;
  /** Whether values are kept in `[0, 1]` after each resampling; the bicubic kernel overshoots. */
  readonly clamp: boolean;
  /**
   * Whether images are rounded to 8 bits before and after each resampling, as Pillow's are, and so kept in `[0, 1]`. The
   * gradient is that without rounding and clamping. @default false
   */
  readonly rounded?: boolean;
  /** @default clipStatistics */
  readonly statistics?: ChannelStatistics;
}

/** `weights · x` along the first axis. */
const alongFirst = (x: Tensor, weights: Float32Array, rows: number): Tensor => {
  const [length, ...rest] = x.shape as [number, ...number[]];
  const product = tf.matMul(tf.tensor2d(weights, [rows, length]), tf.reshape(x, [length, -1]));
  return tf.reshape(product, [rows, ...rest]);
};

/**
 * Makes the preprocessing of a vision tower: resampling as two fixed linear maps, one a side, then normalisation.
 * What it makes is plain tensor code, differentiable, and works on images of any size.
 * @returns A function of `[n, height, width, 3]` in `[0, 1]` to `[n, size, size, 3]`; the caller owns the result.
 */
export function createPreprocessing(options: PreprocessingOptions): (images: Tensor4D) => Tensor4D {
  const { size, fit, clamp, rounded = false, crop, statistics = clipStatistics } = options;
  const resizesSquare = fit === 'crop' && crop !== undefined && crop.shortSide !== size;
  const bounded = <T extends Tensor>(x: T): T =>
    rounded ? roundToBytes(x) : clamp ? tf.clipByValue(x, 0, 1) : x;
  return (images) =>
    tf.tidy(() => {
      const [, height, width] = images.shape;
      let x: Tensor = rounded ? roundToBytes(images) : images;
      if (resizesSquare || height !== size || width !== size) {
        // As Pillow does it, first along the rows.
        const columnsFirst = tf.transpose(x, [2, 0, 1, 3]); // [width, n, height, 3]
        const narrowed = bounded(
          alongFirst(columnsFirst, fitWeights(width, height, size, fit, options, crop), size),
        );
        const rowsFirst = tf.transpose(narrowed, [2, 1, 0, 3]); // [height, n, size, 3]
        const fitted = bounded(
          alongFirst(rowsFirst, fitWeights(height, width, size, fit, options, crop), size),
        );
        x = tf.transpose(fitted, [1, 0, 2, 3]); // [n, size, size, 3]
      }
      const mean = tf.tensor1d([...statistics.mean]);
      const deviation = tf.tensor1d([...statistics.deviation]);
      return tf.div(tf.sub(x, mean), deviation) as Tensor4D;
    });
}
