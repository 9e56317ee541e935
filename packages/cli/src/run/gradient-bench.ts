import {
  type Adapters,
  createLora,
  createPlanEstimator,
  createRandomSource,
  createSamplingWeights,
  createTextContext,
  type DiffusionModel,
  differentiableRewards,
  disposeAdapters,
  disposeSampling,
  type Plan,
  type PlanEstimator,
  type Reward,
  type Runtime,
  type SamplerTable,
  type SamplingWeights,
  samplingNumbers,
  scaleAdapters,
  selectLoraLayers,
  type Tensor4D,
  type TrainedPart,
  type WeightedReward,
} from '@draft/core';
import type { Progress } from '../progress/progress.js';
import { createRewards } from '../setup/create-rewards.js';
import { loadModel } from '../setup/load-model.js';
import { openRuntime } from '../setup/open-runtime.js';
import type { PreparedEstimate } from '../setup/prepare-estimate.js';
import { samplingTable } from '../setup/sampling-table.js';
import { readLearntFiles } from './learnt-files.js';
import { createSamplingMixer } from './learnt-sampling.js';
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
  /** Whether the LoRA is a fresh one, which no file holds. */
  readonly fresh: boolean;
  /** What guides sampling, where its gradient is taken or it was learnt. */
  readonly sampling: SamplingWeights | undefined;
  readonly rewards: readonly WeightedReward<Reward>[];
  /** Latent `[height, width, channels]`. */
  readonly shape: readonly [number, number, number];
  estimate(request: BenchRequest, progress?: (share: number) => void): Promise<MeasuredGradient>;
  dispose(): void;
}

/** What the gradient of a training run depends on besides its samples. */
export interface BenchOptions {
  /** What the gradient is taken in. @default ['lora'] */
  readonly train?: readonly TrainedPart[];
  readonly basePenalty?: number;
  readonly klPenalty?: number;
}

/** The LoRA and what guides sampling, as files have them or as a run begins. */
const startLearnt = async (
  { config, lora }: PreparedEstimate,
  model: DiffusionModel,
  table: SamplerTable,
  train: readonly TrainedPart[],
  cwd: string,
  log: (message: string) => void,
): Promise<Pick<GradientBench, 'adapters' | 'fresh' | 'sampling'>> => {
  const { guidance } = config;
  const { layers } = model;
  const read = readLearntFiles(lora === undefined ? [] : [lora], layers, cwd, log);
  const mixed = (await createSamplingMixer(read, model, guidance)).at([lora?.strength ?? 1]);
  const learnt = mixed && samplingNumbers(mixed);
  disposeSampling(mixed);
  const sampling = await createSamplingWeights({ model, table, guidance }, train, learnt);
  const [first] = read;
  const own = first && first.adapters.size > 0 ? scaleAdapters(first.adapters, first.strength) : undefined;
  const fresh = own === undefined && train.includes('lora');
  const createFresh = () =>
    createLora(selectLoraLayers(layers, [config.targets].flat()), {
      rank: config.rank,
      alpha: config.alpha,
      random: createRandomSource(config.seed, 'adapters'),
    });
  return {
    adapters: own ?? (fresh ? createFresh() : new Map()),
    fresh,
    sampling: sampling.guidance || sampling.negative ? sampling : undefined,
  };
};

/** Starts the runtime, loads the model, makes rewards and LoRA. */
export const openGradientBench = async (
  prepared: PreparedEstimate,
  cwd: string,
  progress: Progress,
  { train = ['lora'], basePenalty = 0, klPenalty = 0 }: BenchOptions = {},
): Promise<GradientBench> => {
  const { config } = prepared;
  const runtime = await openRuntime(config, progress);
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
  const table = samplingTable(prepared.sampler, config, model, progress.log);
  const { adapters, fresh, sampling } = await startLearnt(prepared, model, table, train, cwd, progress.log);
  const text = createTextContext(model, config.guidance);
  const estimators = new Map<string, PlanEstimator>();
  const estimatorOf = (key: string, chosen: readonly WeightedReward<Reward>[]): PlanEstimator => {
    const known = estimators.get(key);
    if (known) return known;
    const chain = {
      ...{ runtime, model, table, guidance: config.guidance, adapters },
      ...{ train, basePenalty, klPenalty },
    };
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
    fresh,
    sampling,
    rewards,
    shape: model.latentShape(height, width),
    estimate({ plan, prompts, initial, key, only, perStep = false }, listener) {
      const alone = rewards.filter(({ name }) => name === only).map((each) => ({ ...each, weight: 1 }));
      const chosen = only === undefined ? rewards : alone;
      const request = {
        estimator: estimatorOf(only ?? '', chosen),
        rewards: chosen,
        adapters,
        sampling,
        encode: (own: readonly string[]) => text.encode(own, config.guidance !== 1 || !!sampling?.guidance),
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
      disposeSampling(sampling);
      for (const { reward } of rewards) reward.dispose();
      model.dispose();
    },
  };
};
