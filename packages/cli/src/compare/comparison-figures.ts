import { type CurveSeries, type DotPanel, drawCurve, drawDots } from '@draft/core';
import type { MetricsLine } from '../run/metrics.js';
import type { RunNumbers } from './collect-run.js';
import { type Comparison, meanOf } from './comparison.js';
import { meanSeries, smoothTraining } from './comparison-curves.js';

/** Metrics of a run, by its folder relative to the comparison. */
export type MetricsByFolder = ReadonlyMap<string, readonly MetricsLine[]>;

const queriesLabel = 'reward queries (logarithmic)';

/** The reward's name where there is one, and what is shown of several. */
export const rewardTitle = ({ rewards }: Pick<Comparison, 'rewards'>): string => {
  const names = Object.keys(rewards);
  return names.length === 1 ? (names[0] ?? 'reward') : 'weighted sum of rewards';
};

/** What the model scored before training; NaN before the first run. */
export const rewardBefore = (
  { algorithms }: Pick<Comparison, 'algorithms'>,
  pick: (run: RunNumbers) => number | undefined = ({ before }) => before.reward,
): number => {
  // All algorithms begin with the same pictures, seed by seed.
  const best = algorithms.reduce<readonly RunNumbers[]>(
    (most, { runs }) => (runs.length > most.length ? runs : most),
    [],
  );
  return meanOf(best.map((run) => pick(run) ?? Number.NaN));
};

const before = (series: readonly CurveSeries[], level: number): readonly CurveSeries[] => {
  const x = series.flatMap((one) => one.x).filter((value) => value > 0);
  if (!Number.isFinite(level) || x.length === 0) return series;
  return [
    ...series,
    { label: 'before', x: [Math.min(...x), Math.max(...x)], y: [level, level], reference: true },
  ];
};

const panels = (comparison: Comparison): readonly DotPanel[] => {
  const { algorithms } = comparison;
  const each = (pick: (run: RunNumbers) => number | null | undefined): readonly (readonly number[])[] =>
    algorithms.map(({ runs }) => runs.map((run) => pick(run) ?? Number.NaN));
  const known = ({ values }: DotPanel): boolean => values.flat().some(Number.isFinite);
  const all: readonly DotPanel[] = [
    {
      title: 'training prompts',
      values: each(({ after }) => after.reward),
      reference: rewardBefore(comparison),
    },
    {
      title: 'held-out prompts',
      values: each(({ after }) => after.heldOut?.reward),
      reference: rewardBefore(comparison, (run) => run.before.heldOut?.reward),
    },
    {
      title: 'diversity',
      values: each(({ diversity }) => diversity),
      ...(comparison.diversity === null ? {} : { reference: comparison.diversity.before }),
    },
    { title: 'minutes', values: each(({ seconds }) => seconds / 60), fromZero: true },
    {
      title: 'peak memory, GB',
      values: each(({ peakBytes }) => (peakBytes > 0 ? peakBytes / 1e9 : null)),
      fromZero: true,
    },
  ];
  return all.filter(known);
};

/** The figures of a comparison, SVG by file name. */
export const comparisonFigures = (
  comparison: Comparison,
  metrics: MetricsByFolder,
): Readonly<Record<'reward' | 'training' | 'time' | 'overview', string>> => {
  const { algorithms } = comparison;
  const name = rewardTitle(comparison);
  const level = rewardBefore(comparison);
  const series = (x: Parameters<typeof meanSeries>[2]): readonly CurveSeries[] =>
    algorithms.map(({ label, runs }) =>
      meanSeries(
        label,
        runs.map(({ curve }) => curve),
        x,
      ),
    );
  const training = algorithms.map(({ label, runs }) =>
    meanSeries(
      label,
      runs.map(({ folder }) => smoothTraining(metrics.get(folder) ?? [])),
      ({ rewardQueries }) => rewardQueries,
    ),
  );
  const curve = (lines: readonly CurveSeries[], title: string, xLabel: string): string =>
    drawCurve(before(lines, level), {
      title,
      xLabel,
      yLabel: name,
      logX: true,
      smoothed: false,
      height: 460,
    });
  return {
    reward: curve(
      series(({ rewardQueries }) => rewardQueries),
      'Reward of finished pictures over reward queries',
      queriesLabel,
    ),
    training: curve(training, 'Reward in training over reward queries', queriesLabel),
    time: curve(
      series(({ seconds }) => seconds),
      'Reward of finished pictures over time',
      'seconds of training (logarithmic)',
    ),
    overview: drawDots(
      algorithms.map(({ label }) => label),
      panels(comparison),
      { title: 'At the end', width: 1000 },
    ),
  };
};
