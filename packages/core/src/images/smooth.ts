/**
 * A weighted mean over neighbours, `Σ w(i−j) y_j / Σ w(i−j)` with a Gaussian `w`: it does not lag behind. Gaps
 * (NaN) stay gaps and count nowhere.
 * @param width Standard deviation in points; 0 leaves the values as they are.
 */
export function smooth(values: readonly number[], width: number): number[] {
  if (width === 0) return [...values];
  const reach = Math.ceil(3 * width);
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return Number.NaN;
    let sum = 0;
    let total = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++) {
      if (!Number.isFinite(values[j])) continue;
      const weight = Math.exp(-0.5 * ((i - j) / width) ** 2);
      sum += weight * values[j]!;
      total += weight;
    }
    return sum / total;
  });
}
