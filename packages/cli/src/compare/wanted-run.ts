import { existsSync } from 'node:fs';
import type { RunFolder } from '../run/run-folder.js';
import { learningRateOf } from './collect-contender.js';
import type { ComparisonPlaces } from './comparison-places.js';
import type { ComparisonPlan } from './comparison-plan.js';
import { readDiversity } from './measure-diversity.js';
import type { Contender } from './prepare-contenders.js';
import { momentsOf } from './query-count.js';
import type { RunTask } from './run-task.js';
import { trainArguments } from './train-arguments.js';

/** One run that is to be there in the end. */
export interface WantedRun {
  readonly contender: Contender;
  /** What distinguishes it from the contender's others: `seed 0`. */
  readonly what: string;
  readonly folder: RunFolder;
  readonly seed: number;
  readonly learningRate: number;
  readonly iterations: number;
  /** Whether it is one of those that are compared, not a trial. */
  readonly compared: boolean;
}

/** How many sample pictures of a run there are, beside the first. */
const samples = 6;

/** How many runs a comparison wants. */
export const countRuns = ({ contenders, seeds, tune }: ComparisonPlan): number =>
  contenders.filter(({ learningRate }) => learningRate === undefined).length * tune.length +
  contenders.length * seeds.length;

/** The trials first, then a seed after the other. What the trials say is read when they are done. */
export const wantedRuns = function* (
  { config, contenders, seeds, tune }: ComparisonPlan,
  places: ComparisonPlaces,
): Generator<WantedRun> {
  for (const { contender, learningRate, trialIterations: iterations } of contenders) {
    if (learningRate !== undefined) continue;
    for (const rate of tune) {
      const { folder } = places.trial(contender, rate);
      const about = { contender, what: `trying ${rate}`, folder, seed: config.tuneSeed };
      yield { ...about, learningRate: rate, iterations, compared: false };
    }
  }
  for (const seed of seeds) {
    for (const planned of contenders) {
      const { contender } = planned;
      const { folder } = places.run(contender, seed);
      const about = { contender, what: `seed ${seed}`, folder, seed };
      const learningRate = learningRateOf(planned, tune, places) ?? contender.prepared.config.learningRate;
      yield { ...about, learningRate, iterations: planned.iterations.get(seed) ?? 1, compared: true };
    }
  }
};

/** Whether a run was begun before. */
export const isBegun = ({ folder }: WantedRun): boolean => existsSync(folder.file('config.json'));

/** What a process has to be told to bring a run to its end. */
export const taskOf = (run: WantedRun, { config }: ComparisonPlan, baseFolder: string): RunTask => {
  const { contender, folder, seed, learningRate, iterations, compared } = run;
  return {
    args: isBegun(run)
      ? ['--resume', folder.shown]
      : trainArguments({
          ...contender.values,
          // All are to spend their queries.
          guard: 'off',
          learningRate,
          iterations,
          seed,
          output: folder.shown,
          sampleEvery: compared ? Math.ceil(iterations / samples) : 0,
        }),
    folder: folder.path,
    iterations,
    moments: compared ? momentsOf(iterations, config.moments) : [],
    diversity: {
      prompts: compared ? config.diversityPrompts : 0,
      samples: config.diversitySamples,
      embedding: config.embedding,
    },
    ...(compared && readDiversity(baseFolder) === undefined ? { baseFolder } : {}),
  };
};
