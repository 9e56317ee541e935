/** A linear map of flattened blocks of pixels to quantised frequencies, and back. */
export interface BlockTransform {
  /** Side of a block in pixels. */
  readonly side: number;
  /** Cosine transform and division by the table, `[side², 64]`. */
  readonly forward: Float32Array;
  /** Multiplication by the table and inverse transform, `[64, side²]`. */
  readonly inverse: Float32Array;
}

/** `D[u, x] = ½ α(u) cos((2x + 1) u π / 16)`, `α(0) = 1/√2`, else 1: the orthonormal DCT-II of length 8. */
const cosine = (u: number, x: number): number =>
  (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);

/**
 * The transform of one plane as two matrices, so that a block costs two small products.
 * @param table Steps of the 64 frequencies.
 * @param subsampling 1, or 2 for a plane at half size: 2 × 2 pixels are averaged first and repeated last, which as
 * linear maps go into the same matrices.
 */
export const blockTransform = (table: Float64Array, subsampling: 1 | 2): BlockTransform => {
  const side = 8 * subsampling;
  const pixels = side ** 2;
  const forward = new Float32Array(pixels * 64);
  const inverse = new Float32Array(64 * pixels);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const y = Math.floor(pixel / side / subsampling);
    const x = Math.floor((pixel % side) / subsampling);
    for (let frequency = 0; frequency < 64; frequency += 1) {
      const basis = cosine(frequency >> 3, y) * cosine(frequency & 7, x);
      forward[pixel * 64 + frequency] = basis / table[frequency]! / subsampling ** 2;
      inverse[frequency * pixels + pixel] = basis * table[frequency]!;
    }
  }
  return { side, forward, inverse };
};
