/** What numbers are on average, and how they spread. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** `√(Σ (x − mean)² / (n − 1))`; null of fewer than two. */
  readonly standardDeviation: number | null;
}

/** The mean; NaN of none. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** `Σ (x − mean)²`, about the mean itself so that nothing cancels. */
export const squaredDeviations = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};

/** Mean and sample standard deviation. */
export const momentsOf = (values: readonly number[]): Moments => ({
  count: values.length,
  mean: meanOf(values),
  standardDeviation: values.length < 2 ? null : Math.sqrt(squaredDeviations(values) / (values.length - 1)),
});

/**
 * The standard error of the mean over pictures that come in groups, one a prompt, all of one size: that of the means of
 * the groups, as pictures of one prompt are not independent of one another. Of a single group it is that of its
 * pictures; null where there is only one picture.
 */
export const standardErrorOf = (groups: readonly (readonly number[])[]): number | null => {
  const units = groups.length > 1 ? groups.map(meanOf) : (groups[0] ?? []);
  const { count, standardDeviation } = momentsOf(units);
  return standardDeviation === null ? null : standardDeviation / Math.sqrt(count);
};
