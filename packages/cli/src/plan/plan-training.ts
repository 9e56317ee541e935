import type { Runtime } from '@draft/core';
import { DraftError } from '@draft/core/plugins';
import { bytesText } from '../progress/durations.js';
import type { PreparedTraining } from '../setup/prepare-training.js';
import { estimateRun } from './estimate-run.js';
import type { MachineSpeed } from './machine-speed.js';
import { rehearseRun } from './rehearse-run.js';
import type { RunEstimate } from './run-estimate.js';
import { type Settings, settingsText, withSettings } from './with-settings.js';

/** What a run may take, and how it is planned. */
export interface PlanOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Starts a runtime for a type of weights. */
  readonly open: (dtype: PreparedTraining['config']['dtype']) => Promise<Runtime>;
  readonly speed: MachineSpeed;
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
}

/** A planned run. */
export interface TrainingPlan {
  readonly estimate: RunEstimate;
  /** What was chosen so that it fits; empty where it fits as it was configured. */
  readonly chosen: Settings;
  /** The run with what was chosen. */
  readonly prepared: PreparedTraining;
}

/** Sides of a picture that keep its shape, in steps that every architecture takes. */
const smallerSizes = ({ height, width }: { readonly height: number; readonly width: number }): string[] =>
  [0.75, 0.5, 0.25].flatMap((share) => {
    const [high, wide] = [height, width].map((side) => Math.floor((side * share) / 64) * 64) as [
      number,
      number,
    ];
    return high >= 64 && wide >= 64 ? [high === wide ? `${high}` : `${high}x${wide}`] : [];
  });

/**
 * Estimates what a run takes and, where that is too much, looks for settings that change nothing of its results, or little,
 * and fit: a smaller micro-batch, then what the model offers.
 * @returns undefined where the back end cannot tell.
 * @throws DraftError `DRAFT_MEMORY` where nothing of that fits, with the nearest setting that does.
 */
export const planTraining = async (
  prepared: PreparedTraining,
  options: PlanOptions,
): Promise<TrainingPlan | undefined> => {
  const { cwd, signal, budgetBytes } = options;
  const { config } = prepared;
  const attempt = async (settings: Settings): Promise<TrainingPlan | undefined> => {
    const changed = await withSettings(prepared, settings);
    const runtime = await options.open(changed.config.dtype);
    const run = await rehearseRun(changed, cwd, runtime, { signal, iterations: options.iterations });
    return run && { estimate: estimateRun(run, changed, options), chosen: settings, prepared: changed };
  };
  const fits = (plan: TrainingPlan): boolean => plan.estimate.peakBytes <= budgetBytes;

  const asConfigured = await attempt({});
  if (asConfigured === undefined || fits(asConfigured)) return asConfigured;

  let least = asConfigured;
  const better = async (settings: Settings): Promise<TrainingPlan | undefined> => {
    const plan = (await attempt(settings)) ?? asConfigured;
    if (plan.estimate.peakBytes < least.estimate.peakBytes) least = plan;
    return fits(plan) ? plan : undefined;
  };
  const free = options.choose && config.microBatch === undefined && config.batch > 1;
  const smallest: Settings = free ? { microBatch: 1 } : {};
  if (free) {
    const single = await better(smallest);
    if (single) {
      // Memory grows by as much with each picture.
      const [low, high] = [single.estimate.peakBytes, asConfigured.estimate.peakBytes];
      const more = Math.floor(((budgetBytes - low) / (high - low)) * (config.batch - 1));
      const larger = Math.min(config.batch - 1, 1 + more);
      return (larger > 1 ? await better({ microBatch: larger }) : undefined) ?? single;
    }
  }
  const savings = (prepared.architecture.savings ?? []).filter((saving) =>
    Object.keys(saving).every((key) => !Object.hasOwn(config.modelSet, key)),
  );
  for (const modelSet of options.choose ? savings : []) {
    const saved = await better({ ...smallest, modelSet });
    if (saved) return saved;
  }

  const most: Settings = { ...smallest, ...(options.choose ? { modelSet: savings.at(-1) ?? {} } : {}) };
  const narrow = config.dtype === 'float32' ? [{ ...most, dtype: 'bfloat16' as const }] : [];
  const size = prepared.size ?? asConfigured.estimate.size;
  const nearest = [...narrow, ...smallerSizes(size).map((side) => ({ ...most, ...narrow[0], size: side }))];
  let suggestion: TrainingPlan | undefined;
  for (const settings of options.choose ? nearest : []) {
    suggestion = await better(settings);
    if (suggestion) break;
  }
  throw refusal(asConfigured, suggestion, least, options);
};

const refusal = (
  asked: TrainingPlan,
  suggestion: TrainingPlan | undefined,
  least: TrainingPlan,
  { budgetBytes, stated }: PlanOptions,
): DraftError => {
  const bytes = ({ estimate }: TrainingPlan) => bytesText(estimate.peakBytes);
  const limit = stated
    ? `than the ${bytesText(budgetBytes)} of --memory`
    : `than the ${bytesText(budgetBytes)} that are free`;
  const way = suggestion
    ? `with ${settingsText(suggestion.chosen)} it needs ${bytes(suggestion)}`
    : least === asked
      ? 'nothing that could be set makes it need less'
      : `${settingsText(least.chosen)} makes it need ${bytes(least)}, which is still too much`;
  return new DraftError(
    'DRAFT_MEMORY',
    `This run needs about ${bytes(asked)} of memory at its peak, more ${limit}: ${way}; --memory off starts it all the same.`,
  );
};
