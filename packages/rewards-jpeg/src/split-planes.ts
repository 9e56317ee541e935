import type { Pixels } from '@draft/core';

/** One channel of a picture, bytes row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** JFIF's coefficients of red, green and blue in units of 2⁻¹⁶, and what is added to round. */
const channels = [
  [19595, 38470, 7471, 32768],
  [-11059, -21709, 32768, (128 << 16) + 32767],
  [32768, -27439, -5329, (128 << 16) + 32767],
] as const;

/** Half the size: the mean of 2 × 2 values, halves rounded down and up in turns, as libjpeg does. */
const halved = ({ width, height, data }: Plane): Plane => {
  const [columns, rows] = [width / 2, height / 2];
  const half = Uint8Array.from({ length: columns * rows }, (_, i) => {
    const at = 2 * (Math.floor(i / columns) * width + (i % columns));
    const sum = data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!;
    return (sum + 1 + ((i % columns) & 1)) >> 2;
  });
  return { width: columns, height: rows, data: half };
};

/**
 * Luminance, and both chrominances at half size, of a picture whose edges are repeated until both sides are divisible
 * by 16.
 */
export const splitPlanes = ({ width, height, data }: Pixels): readonly [Plane, Plane, Plane] => {
  const [columns, rows] = [16 * Math.ceil(width / 16), 16 * Math.ceil(height / 16)];
  const [y, cb, cr] = channels.map(([red, green, blue, rounding]): Plane => {
    const plane = Uint8Array.from({ length: columns * rows }, (_, i) => {
      const row = Math.min(height - 1, Math.floor(i / columns));
      const at = 3 * (row * width + Math.min(width - 1, i % columns));
      return (red * data[at]! + green * data[at + 1]! + blue * data[at + 2]! + rounding) >> 16;
    });
    return { width: columns, height: rows, data: plane };
  }) as [Plane, Plane, Plane];
  return [y, halved(cb), halved(cr)];
};
