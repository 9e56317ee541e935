import type { Runtime } from '@draft/core';
import type { PreparedTraining } from '../setup/prepare-training.js';
import { type Candidate, chooseSettings } from './choose-settings.js';
import { estimateMemory, estimateTime } from './estimate-run.js';
import { measureOps } from './op-times.js';
import { type RehearsedRun, rehearseRun } from './rehearse-run.js';
import type { RunEstimate } from './run-estimate.js';
import { type Settings, withSettings } from './with-settings.js';

/** What a run may take, and how it is planned. */
export interface PlanOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Starts a runtime, which can rehearse, for a type of weights. */
  readonly open: (dtype: PreparedTraining['config']['dtype']) => Promise<Runtime>;
  /** What the process held before anything was rehearsed. */
  readonly programBytes: number;
  /** Most bytes that the process may hold. */
  readonly budgetBytes: number;
  /** Whether the user stated that; if not, it is what is free. */
  readonly stated: boolean;
  /** Whether settings may be chosen; a run that is continued keeps its own. */
  readonly choose: boolean;
  /** How many iterations are looked at. */
  readonly iterations: number;
  /** For how many seconds ops are measured, or longer where iterations are long. */
  readonly measure: number;
}

/** A planned run. */
export interface TrainingPlan extends Candidate {
  readonly estimate: RunEstimate;
  /** The run with its settings. */
  readonly prepared: PreparedTraining;
}

/** A run with some settings, rehearsed. */
interface Attempt extends Candidate {
  readonly run: RehearsedRun;
  readonly prepared: PreparedTraining;
}

/** How much of the memory that happens to be free may be spent on speed. */
const shareForSpeed = 0.7;

/**
 * Estimates what a run takes and, where that is too much, chooses settings that fit.
 * @throws DraftError `DRAFT_MEMORY` where it cannot fit, with the nearest setting that does.
 */
export const planTraining = async (
  prepared: PreparedTraining,
  options: PlanOptions,
): Promise<TrainingPlan> => {
  const { signal, measure: limit } = options;
  const { run, ...chosen } = await chooseRun(prepared, options);
  const times = await measureOps(
    [run.judged, ...run.iterations].flatMap(({ functions }) => functions),
    {
      ...{ signal, limit },
    },
  );
  const estimate = {
    ...estimateMemory(run, options.programBytes),
    ...estimateTime(run, chosen.prepared, times),
    size: run.size,
  };
  return { ...chosen, estimate };
};

const chooseRun = async (prepared: PreparedTraining, options: PlanOptions): Promise<Attempt> => {
  const { cwd, signal, iterations, budgetBytes, stated, programBytes } = options;
  const { config } = prepared;
  const attempt = async (settings: Settings): Promise<Attempt> => {
    const changed = await withSettings(prepared, settings);
    const runtime = await options.open(changed.config.dtype);
    const run = await rehearseRun(changed, cwd, runtime, { signal, iterations });
    return { settings, peakBytes: estimateMemory(run, programBytes).peakBytes, run, prepared: changed };
  };
  // Keeping what steps computed is faster than computing it again, and the first that has to go.
  const free = config.keepSteps === undefined && options.choose;
  if (free) {
    const kept = await attempt({ keepSteps: config.steps });
    if (kept.peakBytes <= (stated ? 1 : shareForSpeed) * budgetBytes) return kept;
  }
  const asConfigured = await attempt(free ? { keepSteps: 0 } : {});
  return chooseSettings(asConfigured, attempt, {
    budgetBytes,
    stated,
    choose: options.choose,
    batch: config.batch,
    microBatch: config.microBatch,
    savings: (prepared.architecture.savings ?? []).filter((saving) =>
      Object.keys(saving).every((key) => !Object.hasOwn(config.modelSet, key)),
    ),
    dtype: config.dtype,
    size: asConfigured.run.size,
  });
};
