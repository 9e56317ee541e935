import { type ResizeFilter, resizeWeights } from './resize-weights.js';

/**
 * How a rectangle becomes a square: `crop` takes its middle after the short side has been fitted, `pad` puts it
 * between bands of black after the long side has been fitted, `stretch` fits both sides.
 */
export type ImageFit = 'crop' | 'pad' | 'stretch';

/** How the middle of an image is taken. */
export interface MiddleCrop {
  /** Length that the short side gets before; at least the square's, of which it is the default. */
  readonly shortSide: number;
  /**
   * How half a pixel of margin is rounded: `down` as transformers and Pillow's users do, `even` to the even neighbour,
   * as torchvision does.
   */
  readonly rounding: 'down' | 'even';
}

/** Python's rounding: halves go to the even neighbour. */
const roundHalfToEven = (x: number): number => {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
};

/** Length that a side gets when it is resized. */
function resizedSide(side: number, other: number, size: number, fit: ImageFit): number {
  if (fit === 'stretch' || side === other) return size;
  if (fit === 'crop') return side < other ? size : Math.floor((size * side) / other);
  return side > other ? size : Math.max(1, roundHalfToEven(side * (size / other)));
}

/**
 * The weights with which the pixels along a side make those of the square, row-major `[size, side]`. Rows of zeros
 * stand for padding.
 * @param other Length of the other side, in pixels.
 */
export function fitWeights(
  side: number,
  other: number,
  size: number,
  fit: ImageFit,
  filter: ResizeFilter,
  { shortSide, rounding }: MiddleCrop = { shortSide: size, rounding: 'down' },
): Float32Array {
  const resized = resizedSide(side, other, fit === 'crop' ? shortSide : size, fit);
  const weights = resizeWeights(side, resized, filter);
  const half = Math.abs(resized - size) / 2;
  const margin = rounding === 'even' ? roundHalfToEven(half) : Math.floor(half);
  if (resized >= size) return weights.slice(margin * side, (margin + size) * side);
  const padded = new Float32Array(size * side);
  padded.set(weights, margin * side);
  return padded;
}
