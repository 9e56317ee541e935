/** How an image is resampled. */
export interface ResizeFilter {
  readonly kernel: 'bilinear' | 'bicubic';
  /** Whether the kernel is widened where an image is made smaller, as Pillow always does it. */
  readonly antialias: boolean;
}

/** Keys' cubic kernel; `a` is its slope at 1. */
const cubic = (x: number, a: number): number => {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
};

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/**
 * The weights with which `from` pixels in a row make `to`, row-major `[to, from]`; each row sums to 1. Results are
 * centred as Pillow's and PyTorch's (`align_corners=False`) are.
 *
 * With `antialias`, Pillow's resampling: the kernel is widened by `max(from / to, 1)`, the cubic has `a = −1/2`, and
 * weights are divided by their sum at the border. Without, PyTorch's interpolation: the cubic has `a = −3/4`, and
 * pixels beyond the border repeat the last one.
 */
export function resizeWeights(from: number, to: number, { kernel, antialias }: ResizeFilter): Float32Array {
  const weights = new Float64Array(to * from);
  const scale = from / to;
  const stretch = antialias ? Math.max(scale, 1) : 1;
  const reach = (kernel === 'bicubic' ? 2 : 1) * stretch;
  const slope = antialias ? -0.5 : -0.75;
  const at = (x: number): number => (kernel === 'bicubic' ? cubic(x, slope) : triangle(x));
  for (let row = 0; row < to; row += 1) {
    const centre = (row + 0.5) * scale;
    const first = antialias ? Math.max(0, Math.floor(centre - reach + 0.5)) : Math.floor(centre - 0.5) - 1;
    const end = antialias ? Math.min(from, Math.floor(centre + reach + 0.5)) : first + 4;
    let sum = 0;
    for (let column = first; column < end; column += 1) {
      const weight = at((column + 0.5 - centre) / stretch);
      const place = Math.min(from - 1, Math.max(0, column));
      weights[row * from + place]! += weight;
      sum += weight;
    }
    for (let column = 0; column < from; column += 1) weights[row * from + column]! /= sum;
  }
  return Float32Array.from(weights);
}
