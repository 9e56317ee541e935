import { type ContenderRecord, meanOf } from './comparison.js';
import { meanSeries } from './comparison-curves.js';

/** How many reward queries each algorithm needs to come half the way that the best of them comes. */
export interface QueryAdvantage {
  /** The reward half the way from before training to the best at the end. */
  readonly level: number;
  /** Queries by label; null where an algorithm does not come so far. */
  readonly queries: Readonly<Record<string, number | null>>;
}

/** Where a line first reaches a level: between two points at equal ratios of x. */
const reaches = (x: readonly number[], y: readonly number[], level: number): number | null => {
  const at = y.findIndex((value) => value >= level);
  if (at < 0) return null;
  const [x1 = Number.NaN, y1 = Number.NaN] = [x[at], y[at]];
  const [x0, y0] = [x[at - 1], y[at - 1]];
  // Before the first judged moment nothing is known but its end.
  if (x0 === undefined || y0 === undefined) return x1;
  return x0 * (x1 / x0) ** ((level - y0) / (y1 - y0));
};

/**
 * Compares how many queries algorithms need, on the means over their seeds of what finished pictures score; undefined where
 * nothing rose.
 * @param before What the pictures scored before training.
 */
export const queryAdvantage = (
  algorithms: readonly Pick<ContenderRecord, 'label' | 'runs'>[],
  before: number,
): QueryAdvantage | undefined => {
  const curves = algorithms
    .filter(({ runs }) => runs.length > 0)
    .map(({ label, runs }) =>
      meanSeries(
        label,
        runs.map(({ curve }) => curve),
        ({ rewardQueries }) => rewardQueries,
      ),
    );
  const best = Math.max(...curves.map(({ y }) => y.at(-1) ?? Number.NEGATIVE_INFINITY));
  if (!(best > before)) return undefined;
  const level = meanOf([before, best]);
  const found = curves.map(({ label, x, y }): [string, number | null] => {
    const queries = reaches(x, y, level);
    return [label, queries === null ? null : Math.round(queries)];
  });
  return { level, queries: Object.fromEntries(found) };
};
