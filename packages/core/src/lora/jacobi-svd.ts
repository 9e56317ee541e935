/** `M = Σ singularᵢ · leftᵢ rightᵢᵀ`, the largest first. */
export interface Svd {
  readonly singular: readonly number[];
  /** Unit columns, as long as `M` has rows; zero where the singular value is. */
  readonly left: readonly Float64Array[];
  /** Unit columns, as long as `M` has columns. */
  readonly right: readonly Float64Array[];
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
};

/** Turns two columns in their plane: `[a b] ← [a b] · [[c, s], [−s, c]]`. */
const rotate = (a: Float64Array, b: Float64Array, c: number, s: number): void => {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i]!, b[i]!];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
};

/** Sweeps after which rounding, not progress, is what remains; some ten are usual. */
const mostSweeps = 60;

/**
 * The singular values and vectors of a matrix, by Hestenes' one-sided Jacobi rotations, which also find small
 * values to full relative precision. Reference: Golub and Van Loan, Matrix Computations, section 8.6.3.
 * @param columns The columns of the matrix; they are not changed.
 */
export const jacobiSvd = (columns: readonly Float64Array[]): Svd => {
  const count = columns.length;
  const work = columns.map((column) => Float64Array.from(column));
  const right = columns.map((_, index) => {
    const unit = new Float64Array(count);
    unit[index] = 1;
    return unit;
  });
  for (let sweep = 0, turned = true; turned && sweep < mostSweeps; sweep += 1) {
    turned = false;
    for (let p = 0; p < count - 1; p += 1) {
      for (let q = p + 1; q < count; q += 1) {
        const [a, b] = [work[p]!, work[q]!];
        const [alpha, beta, gamma] = [dot(a, a), dot(b, b), dot(a, b)];
        if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) continue;
        turned = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        rotate(a, b, c, c * t);
        rotate(right[p]!, right[q]!, c, c * t);
      }
    }
  }
  const order = work
    .map((column, index) => ({ index, value: Math.sqrt(dot(column, column)) }))
    .sort((one, other) => other.value - one.value);
  return {
    singular: order.map(({ value }) => value),
    left: order.map(({ index, value }) => work[index]!.map((entry) => (value > 0 ? entry / value : 0))),
    right: order.map(({ index }) => right[index]!),
  };
};
