import { type Tensor2D, tf } from '@draft/core';

/** Rows R, G, B; columns Y, Cb, Cr, as in JFIF. */
const toYcc = [0.299, -0.168736, 0.5, 0.587, -0.331264, -0.418688, 0.114, 0.5, -0.081312];

/** Rows Y, Cb, Cr; columns R, G, B. */
const toRgb = [1, 1, 1, 0, -0.344136, 1.772, 1.402, -0.714136, 0];

/**
 * Colours `0..1` as luminance and chrominance about zero: `Y − 128`, `Cb − 128` and `Cr − 128` on the scale `0..255`.
 * @param pixels `[pixels, 3]`.
 */
export const rgbToYcc = (pixels: Tensor2D): Tensor2D => {
  const matrix = tf.tensor2d(
    toYcc.map((value) => 255 * value),
    [3, 3],
  );
  return tf.sub(tf.matMul(pixels, matrix), tf.tensor1d([128, 0, 0]));
};

/** The inverse of `rgbToYcc`, still on the scale `0..255` and not clamped. */
export const yccToRgb = (pixels: Tensor2D): Tensor2D =>
  tf.add(tf.matMul(pixels, tf.tensor2d(toRgb, [3, 3])), 128);
