import { resolve } from 'node:path';
import {
  type Adapters,
  createLora,
  createPlanEstimator,
  createRandomSource,
  createTextContext,
  type DiffusionModel,
  differentiableRewards,
  disposeAdapters,
  type Plan,
  type PlanEstimator,
  type Reward,
  type Runtime,
  readLora,
  type SamplerTable,
  scaleAdapters,
  selectLoraLayers,
  type Tensor4D,
  type WeightedReward,
} from '@draft/core';
import type { Progress } from '../progress/progress.js';
import { createRewards } from '../setup/create-rewards.js';
import { loadModel } from '../setup/load-model.js';
import { openRuntime } from '../setup/open-runtime.js';
import type { PreparedEstimate } from '../setup/prepare-estimate.js';
import { type MeasuredGradient, measureGradient } from './measure-gradient.js';

/** One estimate to take. */
export interface BenchRequest {
  readonly plan: Plan;
  readonly prompts: readonly string[];
  /** Standard normal initial noise, `[n, h, w, c]`; stays the caller's. */
  readonly initial: Tensor4D;
  /** Names what the samples' other noise is drawn from; the same key gives the same noise. */
  readonly key: readonly (string | number)[];
  /** One reward by its name, which then counts by itself and without its weight; all of them where absent. */
  readonly only?: string;
  /** Whether to keep what each trained step adds. @default false */
  readonly perStep?: boolean;
}

/** A model with its rewards and a LoRA whose gradients can be looked at; nothing is trained. */
export interface GradientBench {
  readonly runtime: Runtime;
  readonly model: DiffusionModel;
  /** The model in one line. */
  readonly description: string;
  readonly table: SamplerTable;
  readonly adapters: Adapters;
  readonly rewards: readonly WeightedReward<Reward>[];
  /** Latent `[height, width, channels]`. */
  readonly shape: readonly [number, number, number];
  estimate(request: BenchRequest, progress?: (share: number) => void): Promise<MeasuredGradient>;
  dispose(): void;
}

const startAdapters = (
  { config, lora }: PreparedEstimate,
  { layers }: DiffusionModel,
  cwd: string,
): Adapters =>
  lora === undefined
    ? createLora(selectLoraLayers(layers, [config.targets].flat()), {
        rank: config.rank,
        alpha: config.alpha,
        random: createRandomSource(config.seed, 'adapters'),
      })
    : scaleAdapters(readLora(resolve(cwd, lora.file), layers), lora.strength);

/** Starts the runtime, loads the model, makes rewards and LoRA. */
export const openGradientBench = async (
  prepared: PreparedEstimate,
  cwd: string,
  progress: Progress,
): Promise<GradientBench> => {
  const { config } = prepared;
  const runtime = await openRuntime(config.backend, config.dtype, progress);
  const { model, description, height, width } = await loadModel(
    prepared.place,
    prepared.size,
    prepared.architecture,
    runtime,
    progress,
  );
  const rewards = differentiableRewards(
    await createRewards(prepared.rewards, { runtime, log: progress.log, hub: prepared.hub.options }),
  );
  const adapters = startAdapters(prepared, model, cwd);
  const sampler = prepared.sampler.plugin.create(prepared.sampler.options as never);
  const table = sampler.table(config.steps, model.schedule);
  const text = createTextContext(model, config.guidance);
  const estimators = new Map<string, PlanEstimator>();
  const estimatorOf = (key: string, chosen: readonly WeightedReward<Reward>[]): PlanEstimator => {
    const known = estimators.get(key);
    if (known) return known;
    const chain = { runtime, model, table, guidance: config.guidance, adapters };
    const made = createPlanEstimator(chain, chosen);
    estimators.set(key, made);
    return made;
  };
  return {
    runtime,
    model,
    description,
    table,
    adapters,
    rewards,
    shape: model.latentShape(height, width),
    estimate({ plan, prompts, initial, key, only, perStep = false }, listener) {
      const alone = rewards.filter(({ name }) => name === only).map((each) => ({ ...each, weight: 1 }));
      const chosen = only === undefined ? rewards : alone;
      const request = {
        estimator: estimatorOf(only ?? '', chosen),
        rewards: chosen,
        adapters,
        encode: text.encode,
        plan,
        prompts,
        initial,
        initialNoiseScale: table.initialNoiseScale,
        random: createRandomSource(config.seed, 'train', ...key),
        batch: config.batch,
        perStep,
      };
      return measureGradient(request, listener);
    },
    dispose() {
      for (const estimator of estimators.values()) estimator.dispose();
      text.dispose();
      disposeAdapters(adapters);
      for (const { reward } of rewards) reward.dispose();
      model.dispose();
    },
  };
};
