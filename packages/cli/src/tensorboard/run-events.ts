import type { GuardReading, SetReading } from '../guard/guard-reading.js';
import type { MetricsLine } from '../run/metrics.js';

const finite = (scalars: Readonly<Record<string, number | null | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(scalars).flatMap(([tag, value]) =>
      typeof value === 'number' && Number.isFinite(value) ? [[tag, value]] : [],
    ),
  );

const under = (group: string, numbers: Readonly<Record<string, number>> = {}) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${group}/${name}`, value]));

const setScalars = (group: string, set: SetReading | null) =>
  set === null
    ? {}
    : {
        [`${group}/reward`]: set.reward.mean,
        ...under(group, set.rewards),
        ...under(
          group,
          Object.fromEntries(
            Object.entries(set.watched).map(([name, { mean }]) => [`watched ${name}`, mean]),
          ),
        ),
      };

/** The numbers of an iteration by TensorBoard's tags. */
export const metricsScalars = (line: MetricsLine): Readonly<Record<string, number>> =>
  finite({
    'training/reward': line.reward,
    ...under('training', line.rewards),
    'optimiser/gradientNorm': line.gradientNorm,
    'optimiser/learningRate': line.learningRate,
    'run/rewardQueries': line.rewardQueries,
    'run/seconds': line.seconds,
    ...under('figures', line.figures),
  });

/** The numbers of a reading by TensorBoard's tags. */
export const readingScalars = (reading: GuardReading): Readonly<Record<string, number>> =>
  finite({
    ...setScalars('samples', reading.train),
    ...setScalars('held-out', reading.heldOut),
    'guard/diversity': reading.diversity,
    'guard/steepness': reading.steepness,
  });
