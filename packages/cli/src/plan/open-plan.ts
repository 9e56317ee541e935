import { type BackendName, createRuntime, type Runtime } from '@draft/core';
import { DraftError } from '@draft/core/plugins';
import { parseMemory } from '../config/parse-memory.js';
import type { Progress } from '../progress/progress.js';
import { openRuntime } from '../setup/open-runtime.js';
import type { PreparedTraining } from '../setup/prepare-training.js';
import { availableMemory } from './available-memory.js';
import type { Budget } from './plan-table.js';
import { type PlanOptions, planTraining, type TrainingPlan } from './plan-training.js';

/** A run that was planned, with the runtime that has been started for it. */
export interface OpenedPlan {
  readonly runtime: Runtime;
  readonly budget: Budget;
  /** undefined where nothing is known. */
  readonly plan: TrainingPlan | undefined;
  /** Why nothing is known, where that is no wish of the user's. */
  readonly unknown?: string;
}

const openAgain = (backend: BackendName | 'auto', dtype: PreparedTraining['config']['dtype']) =>
  createRuntime({ computeType: dtype, ...(backend === 'auto' ? {} : { backend }), log: () => {} });

/**
 * Starts the runtime of a run and plans it.
 * @throws DraftError `DRAFT_MEMORY` where it cannot fit.
 */
export const openPlan = async (
  prepared: PreparedTraining,
  options: { readonly cwd: string; readonly progress: Progress; readonly signal: AbortSignal },
  { choose, iterations, measure }: Pick<PlanOptions, 'choose' | 'iterations' | 'measure'>,
): Promise<OpenedPlan> => {
  const { config } = prepared;
  const stated = parseMemory(config.memory);
  const { progress, signal, cwd } = options;
  const runtime = await openRuntime(config, progress, signal);
  const budget = {
    bytes: typeof stated === 'number' ? stated : availableMemory(),
    stated: typeof stated === 'number',
  };
  if (stated === 'off') return { runtime, budget, plan: undefined };
  if (runtime.rehearse === undefined) {
    return { runtime, budget, plan: undefined, unknown: `the back end ${runtime.backend} does not tell` };
  }
  if (runtime.device !== 'CPU' && !budget.stated) {
    return {
      runtime,
      budget,
      plan: undefined,
      unknown: `${runtime.device} has a memory of its own, say how much with --memory`,
    };
  }
  progress.activity('planning memory and time');
  const measures = {
    ...{ cwd, signal, choose, iterations, measure },
    programBytes: process.memoryUsage().rss,
    budgetBytes: budget.bytes,
    stated: budget.stated,
    open: async (dtype: PreparedTraining['config']['dtype']) =>
      dtype === config.dtype ? runtime : openAgain(config.backend, dtype),
  };
  try {
    return { runtime, budget, plan: await planTraining(prepared, measures) };
  } catch (error) {
    if (DraftError.is(error) && error.code === 'DRAFT_MEMORY') throw error;
    // Code of plugins may not bear tensors without numbers. What is wrong with the run itself, the run will say.
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { runtime, budget, plan: undefined, unknown: reason };
  }
};
