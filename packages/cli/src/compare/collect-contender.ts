import { readRunJson } from '../run/run-folder.js';
import type { RunSummary } from '../run/summary.js';
import { collectRun, divergence, isFinished } from './collect-run.js';
import type { ContenderRecord, Trial } from './comparison.js';
import type { ComparisonPlaces } from './comparison-places.js';
import type { ComparisonPlan, PlannedContender } from './comparison-plan.js';
import { ownConfig } from './prepare-contenders.js';
import { bestTrial } from './tune.js';

const collectTrials = (
  { contender }: PlannedContender,
  rates: readonly number[],
  places: ComparisonPlaces,
): readonly Trial[] =>
  rates.flatMap((learningRate) => {
    const { folder, relative } = places.trial(contender, learningRate);
    const about = { learningRate, folder: relative };
    if (divergence(folder) !== undefined) return { ...about, reward: null };
    if (!isFinished(folder)) return [];
    const { after } = readRunJson(folder.file('summary.json')) as RunSummary;
    return { ...about, reward: after.reward };
  });

/**
 * The learning rate that a contender is compared with; undefined as long as not all trials are there.
 * @throws DraftError `DRAFT_COMPARISON_TUNING` where all of them diverged.
 */
export const learningRateOf = (
  planned: PlannedContender,
  rates: readonly number[],
  places: ComparisonPlaces,
): number | undefined => {
  if (planned.learningRate !== undefined) return planned.learningRate;
  const trials = collectTrials(planned, rates, places);
  return trials.length === rates.length ? bestTrial(planned.contender.label, trials) : undefined;
};

/** Reads what is there of one algorithm. */
export const collectContender = (
  planned: PlannedContender,
  { seeds, tune }: ComparisonPlan,
  places: ComparisonPlaces,
): ContenderRecord => {
  const { contender, source } = planned;
  const value = learningRateOf(planned, tune, places);
  const runs = seeds.map((seed) => ({ seed, ...places.run(contender, seed) }));
  return {
    request: contender.request.text,
    label: contender.label,
    id: contender.id,
    config: ownConfig(contender),
    learningRate: value === undefined ? null : { value, source },
    trials: source === 'tuned' ? collectTrials(planned, tune, places) : [],
    runs: runs.flatMap(({ seed, folder, relative }) =>
      isFinished(folder) ? [collectRun(folder, seed, relative)] : [],
    ),
    diverged: runs.flatMap(({ seed, folder }) => {
      const message = divergence(folder);
      return message === undefined ? [] : [{ seed, message }];
    }),
  };
};
