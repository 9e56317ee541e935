const { fround } = Math;
const margin = fround(1e-4);

/** `log(p + 10⁻⁴) − log1p(−p + 10⁻⁴)`, with the sums rounded to float32 as they were in training. */
const unsquashed = (p: number): number =>
  Math.log(fround(fround(p) + margin)) - Math.log1p(fround(margin - fround(p)));

/**
 * What is added to the boxes before they are squashed into `[0, 1]`, so that a head that says nothing puts the corner of
 * its own patch, `(x / side, y / side)` counted from 1, and the size of a patch: row-major `[side · side, 4]` of centre x,
 * centre y, width, height.
 */
export function boxBias(side: number): Float32Array {
  const size = unsquashed(1 / side);
  const bias = new Float32Array(side * side * 4);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const corner = [unsquashed((column + 1) / side), unsquashed((row + 1) / side)];
      bias.set([...corner, size, size], 4 * (row * side + column));
    }
  }
  return bias;
}
