import type { CurveSeries } from '@draft/core';
import type { MetricsLine } from '../run/metrics.js';
import type { CurvePoint } from './collect-run.js';
import { meanOf } from './comparison.js';

/** Several runs of one algorithm as one line: the mean, and from the lowest to the highest as a band. */
export const meanSeries = (
  label: string,
  runs: readonly (readonly CurvePoint[])[],
  x: (point: CurvePoint) => number,
): CurveSeries => {
  const length = Math.min(...runs.map((points) => points.length));
  const rows = Array.from({ length: Number.isFinite(length) ? length : 0 }, (_, i) =>
    runs.flatMap((points) => points[i] ?? []),
  );
  const rewards = rows.map((points) => points.map(({ reward }) => reward));
  return {
    label,
    x: rows.map((points) => meanOf(points.map(x))),
    y: rewards.map(meanOf),
    ...(runs.length > 1
      ? { band: [rewards.map((own) => Math.min(...own)), rewards.map((own) => Math.max(...own))] as const }
      : {}),
  };
};

/** Half the width of the smoothing, in natural logarithms of reward queries. */
const width = 0.12;

/**
 * The reward in training over reward queries, smoothed for a logarithmic axis: a mean over neighbours with Gaussian weights in
 * the logarithm of queries, at a hundred places.
 */
export const smoothTraining = (lines: readonly MetricsLine[]): readonly CurvePoint[] => {
  const places = 100;
  const logs = lines.map(({ rewardQueries }) => Math.log(rewardQueries));
  const [first, last] = [logs[0] ?? 0, logs.at(-1) ?? 0];
  const chosen =
    lines.length <= places
      ? logs
      : Array.from({ length: places }, (_, i) => first + ((last - first) * i) / (places - 1));
  return chosen.map((centre) => {
    let sum = 0;
    let total = 0;
    lines.forEach(({ reward }, i) => {
      const weight = Math.exp(-0.5 * (((logs[i] ?? 0) - centre) / width) ** 2);
      sum += weight * reward;
      total += weight;
    });
    return { rewardQueries: Math.exp(centre), seconds: 0, reward: sum / total };
  });
};
