import type { JpegOptions } from './jpeg-options.js';

/** Luminance, Annex K of the JPEG standard, one row per vertical frequency. */
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/** The corner of low frequencies of the chrominance table; the rest is 99. */
const chrominanceCorner = [17, 18, 24, 47, 18, 21, 26, 66, 24, 26, 56, 99, 47, 66, 99, 99];

const chrominance = Array.from({ length: 64 }, (_, index) => {
  const [row, column] = [index >> 3, index & 7];
  return row < 4 && column < 4 ? chrominanceCorner[4 * row + column]! : 99;
});

/** How much coarser than the standard's tables a quality is: 1 at quality 50, as in libjpeg. */
export const qualityFactor = (quality: number): number =>
  quality < 50 ? 50 / quality : (200 - 2 * quality) / 100;

/**
 * The steps by which the 64 frequencies of a block are quantised, row by row.
 *
 * Entries are not rounded to integers, as the published differentiable codes have it, but are at least 1, as in
 * libjpeg: quality 100 rounds to whole numbers. The bound is without effect up to quality 95.
 */
export const quantisationTable = (
  plane: 'luminance' | 'chrominance',
  { quality, tableOrientation }: Pick<JpegOptions, 'quality' | 'tableOrientation'>,
): Float64Array => {
  const factor = qualityFactor(quality);
  const table = plane === 'luminance' ? luminance : chrominance;
  const transposed = tableOrientation === 'transposed';
  return Float64Array.from({ length: 64 }, (_, index) => {
    const entry = transposed ? table[8 * (index & 7) + (index >> 3)]! : table[index]!;
    return Math.max(1, entry * factor);
  });
};
