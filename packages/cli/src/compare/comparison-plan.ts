import { DraftError } from '@draft/core';
import type { CommandLayers } from '../config/command-layers.js';
import { type CompareConfig, compareSchema } from '../config/compare-options.js';
import { parseNumbers } from '../config/parse-numbers.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Progress } from '../progress/progress.js';
import type { Comparison, LearningRateSource } from './comparison.js';
import { givenLearningRates } from './learning-rates.js';
import { parseContenders } from './parse-contender.js';
import {
  type Contender,
  ownConfig,
  prepareContenders,
  refuseChange,
  sharedConfig,
} from './prepare-contenders.js';
import { iterationsWithin } from './query-count.js';

/** One algorithm, and how much is trained with it. */
export interface PlannedContender {
  readonly contender: Contender;
  readonly source: LearningRateSource;
  /** Unknown as long as it has to be found. */
  readonly learningRate: number | undefined;
  /** By seed. */
  readonly iterations: ReadonlyMap<number, number>;
  /** Of a trial; 0 where there are none. */
  readonly trialIterations: number;
}

/** All that a comparison will do, checked before anything is computed. */
export interface ComparisonPlan {
  readonly config: CompareConfig;
  readonly seeds: readonly number[];
  /** Learning rates that are tried. */
  readonly tune: readonly number[];
  readonly contenders: readonly PlannedContender[];
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Works out what is to be trained.
 * @throws DraftError where an option is wrong, or the queries do not suffice for an iteration.
 */
export const planComparison = async (
  layers: CommandLayers,
  cwd: string,
  progress: Progress,
): Promise<ComparisonPlan> => {
  const config = resolveConfig(compareSchema, layers.layers);
  const requests = parseContenders(config.algorithms);
  const rates = givenLearningRates(config.learningRateFor, requests);
  const seeds = parseNumbers(
    '--seeds',
    config.seeds,
    (seed) => Number.isSafeInteger(seed) && seed >= 0,
    'whole numbers of at least 0',
  );
  const tune =
    config.tune === undefined
      ? []
      : [
          ...parseNumbers(
            '--tune',
            config.tune,
            (rate) => rate > 0 && Number.isFinite(rate),
            'numbers above 0',
          ),
        ].sort((a, b) => a - b);
  const { queries, tuneSeed } = config;
  const tuneQueries = config.tuneQueries ?? Math.ceil(queries / 4);
  if (tune.length > 0 && seeds.includes(tuneSeed)) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--tune-seed is ${tuneSeed}, one of --seeds: learning rates are tried with a seed that is not compared, choose another one.`,
    );
  }
  const contenders = (await prepareContenders(requests, layers, cwd, progress)).map(
    (contender): PlannedContender => {
      const { algorithm, label, prepared, request } = contender;
      const own = contender.queries ?? queries;
      const flag = contender.queries === undefined ? '--queries' : 'queries';
      const given = rates.get(request.text);
      const source = given !== undefined ? 'given' : tune.length > 0 ? 'tuned' : 'shared';
      const within = (count: number, seed: number, flag: string): number =>
        iterationsWithin(count, algorithm, prepared.config, seed, label, flag);
      return {
        contender,
        source,
        learningRate: given ?? (source === 'tuned' ? undefined : prepared.config.learningRate),
        iterations: new Map(seeds.map((seed) => [seed, within(own, seed, flag)])),
        trialIterations:
          source === 'tuned'
            ? within(Math.round((tuneQueries * own) / queries), tuneSeed, '--tune-queries')
            : 0,
      };
    },
  );
  const [first] = contenders;
  const settings = {
    ...(first ? sharedConfig(first.contender) : {}),
    queries,
    moments: config.moments,
    diversityPrompts: config.diversityPrompts,
    diversitySamples: config.diversitySamples,
    embedding: config.embedding,
    ...(tune.length > 0 ? { tune, tuneQueries, tuneSeed } : {}),
  };
  return { config, seeds, tune, contenders, settings };
};

/**
 * Refuses to go on with a comparison under other settings. More algorithms and more seeds are welcome.
 * @throws DraftError `DRAFT_COMPARISON_SETTINGS` that names the difference.
 */
export const requireSame = (recorded: Comparison, plan: ComparisonPlan, folder: string): void => {
  const [first] = plan.contenders;
  refuseChange(recorded.settings, plan.settings, folder);
  if (first) {
    const { prompts, heldOut } = first.contender.prepared;
    refuseChange({ prompts: recorded.prompts, heldOut: recorded.heldOut }, { prompts, heldOut }, folder);
  }
  for (const { contender, learningRate, source } of plan.contenders) {
    const before = recorded.algorithms.find(({ id }) => id === contender.id);
    if (before === undefined) continue;
    refuseChange({ ...before.config }, { ...ownConfig(contender) }, folder, `${contender.label}: `);
    if (before.learningRate === null) continue;
    const now = source === 'tuned' ? before.learningRate.value : learningRate;
    refuseChange(
      { learningRate: before.learningRate.value },
      { learningRate: now },
      folder,
      `${contender.label}: `,
    );
  }
};
