import { adapterRecord, adaptersFrom } from '../chain/adapter-record.js';
import { createTextContext } from '../chain/text-context.js';
import { trainedNames } from '../chain/trained-names.js';
import { type Algorithm, drawsPlans, needsRewardGradients } from '../contracts/algorithm.js';
import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import type { EstimatorSetup } from '../contracts/estimator.js';
import type { Plan } from '../contracts/gradient-policy.js';
import type { AnyReward, WeightedReward } from '../contracts/reward.js';
import type { Runtime } from '../contracts/runtime.js';
import type { SamplerTable } from '../contracts/sampler.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { requireTrainableParts, type TrainedPart } from '../contracts/trained-parts.js';
import { DraftError } from '../errors/draft-error.js';
import { createRandomSource } from '../random/create-random-source.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { samplingFrom, samplingRecord } from '../sampling/sampling-record.js';
import { createAdamw } from './adamw.js';
import { differentiableRewards } from './differentiable-rewards.js';
import { clippingFactor, gradientNorm } from './gradient-norm.js';
import { type LearningRateOptions, learningRateAt } from './learning-rate.js';
import { drawLoraDropout } from './lora-dropout.js';
import { createMovingAverage } from './moving-average.js';
import { parameterSettings } from './parameter-settings.js';
import { createPlanIterations } from './plan-iterations.js';
import { requirePresentParts } from './require-parts.js';
import { requireTrainable } from './require-trainable.js';
import { createSampleGroup } from './sample-group.js';
import { readState, type TrainerState, writeState } from './trainer-state.js';

/** What a trainer needs. It owns adapters and sampling weights from then on; model, rewards and runtime stay the caller's. */
export interface TrainerOptions {
  readonly runtime: Runtime;
  readonly model: DiffusionModel;
  readonly table: SamplerTable;
  readonly algorithm: Algorithm;
  readonly rewards: readonly WeightedReward<AnyReward>[];
  /**
   * Divides each reward's weight by the running norm of its gradient in the pictures, so that weights say how much each
   * counts whatever its scale is.
   * @default false
   */
  readonly normaliseRewards?: boolean;
  readonly adapters: Adapters;
  /** What guides sampling, where that is learnt or was. */
  readonly sampling?: SamplingWeights | undefined;
  /** What learns; the rest stays as it is. @default ['lora'] */
  readonly train?: readonly TrainedPart[];
  /**
   * How strongly the steps that plans train are held to the base model: `λ` of `λ · mean((ε − ε_base)²)`, which is taken
   * from the reward at each trained step.
   * @default 0
   */
  readonly basePenalty?: number;
  /** The same in units of each step's divergence a latent number: `κ` of `κ · KL_t / (h · w · c)`. @default 0 */
  readonly klPenalty?: number;
  /** Probability with which an input feature of an adapted layer does not reach the LoRA in an iteration. @default 0 */
  readonly loraDropout?: number;
  /** Decay of the moving average of the adapters, `(0, 1)`; 0 keeps none. @default 0 */
  readonly ema?: number;
  readonly prompts: readonly string[];
  /** Image size in pixels. */
  readonly height: number;
  readonly width: number;
  readonly guidance: number;
  /** Pictures whose gradients make one batch. */
  readonly batch: number;
  /** Pictures that are computed at once. @default batch */
  readonly microBatch?: number;
  /** Batches whose gradients are averaged into one update. @default 1 */
  readonly accumulate?: number;
  readonly learningRate: LearningRateOptions;
  readonly weightDecay?: number;
  /** Largest norm of the gradient; 0 does not clip. @default 1 */
  readonly clip?: number;
  readonly seed: number;
}

/** One line of a run's metrics. */
export interface IterationReport {
  /** Iterations so far, this one included; a plan makes one update in each. */
  readonly iteration: number;
  /** Images judged so far, in all iterations, DRaFT-LV's noisy copies among them. */
  readonly rewardQueries: number;
  /** Mean weighted sum of the rewards, of the pictures before this iteration's updates. */
  readonly reward: number;
  /** Mean of each reward, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Norm of the mean gradient before clipping; the mean over the iteration's updates. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Absent where the algorithm draws no plans. */
  readonly plan?: Plan;
  /** Numbers of the algorithm's own. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Trains a LoRA, and what guides sampling, one iteration at a time. */
export interface Trainer {
  /**
   * One iteration: a batch of pictures and what is learnt from it. The same seed gives the same run, however it is split into micro-batches.
   * @throws DraftError `DRAFT_NON_FINITE` where a reward or the gradient is no finite number; nothing was changed.
   */
  iterate(): Promise<IterationReport>;
  /** The adapters as they are now; they stay the trainer's and are valid until the next update. */
  adapters(): Adapters;
  /** What guides sampling as it is now, in the same way; undefined where nothing was learnt of it. */
  sampling(): SamplingWeights | undefined;
  /** The moving average of the adapters, in the same way; undefined where none is kept. */
  averaged(): Adapters | undefined;
  /** The moving average of what guides sampling; undefined where none is kept, or nothing was learnt of it. */
  averagedSampling(): SamplingWeights | undefined;
  state(): TrainerState;
  /** Goes on from a saved state, to the bit. */
  restore(state: TrainerState): void;
  dispose(): void;
}

const chunks = (from: number, count: number, size: number): number[][] =>
  Array.from({ length: Math.ceil(count / size) }, (_, i) =>
    Array.from({ length: Math.min(size, count - i * size) }, (_, j) => from + i * size + j),
  );

const nonFinite = (what: string, value: number, iteration: number) =>
  new DraftError(
    'DRAFT_NON_FINITE',
    `${what} became ${value} in iteration ${iteration}, so the run stopped before it could harm the LoRA; try a lower learning rate, or other options of the reward.`,
  );

/**
 * Makes a trainer.
 * @throws DraftError as `requireTrainable` does, where a reward lacks a gradient that the algorithm needs, or where
 * the model cannot make pictures of the size.
 */
export const createTrainer = (options: TrainerOptions): Trainer => {
  const { runtime, model, table, algorithm, rewards, prompts, batch, guidance, train = ['lora'] } = options;
  requireTrainable(options);
  requireTrainableParts(train, { algorithm, name: 'The algorithm of this trainer', guidance });
  requirePresentParts(train, options.adapters, options.sampling);
  if (needsRewardGradients(algorithm)) differentiableRewards(rewards);
  const structure = options.adapters;
  const shape = model.latentShape(options.height, options.width);
  const random = createRandomSource(options.seed, 'train');
  const perIteration = batch * (options.accumulate ?? 1);
  const setup: EstimatorSetup = {
    ...{ runtime, model, table, guidance, adapters: structure, rewards, prompts },
    height: options.height,
    width: options.width,
    random: random.child('algorithm'),
    normaliseRewards: options.normaliseRewards ?? false,
    basePenalty: options.basePenalty ?? 0,
    klPenalty: options.klPenalty ?? 0,
    train,
  };
  const estimator = drawsPlans(algorithm)
    ? createPlanIterations(algorithm, setup)
    : algorithm.createEstimator(setup);
  const context = createTextContext(model, guidance);
  const guided = guidance !== 1 || options.sampling?.guidance !== undefined;
  const text = { ...context, encode: (own: readonly string[]) => context.encode(own, guided) };
  const optimiser = createAdamw(runtime, {
    weightDecay: options.weightDecay ?? 0.1,
    settingsOf: parameterSettings,
  });
  const all = { ...adapterRecord(structure), ...samplingRecord(options.sampling) };
  const learns = new Set(trainedNames(structure, all, train));
  const only = (record: Readonly<Record<string, Tensor>>, trained: boolean): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => learns.has(name) === trained));
  let parameters = only(all, true);
  /** What is there, but does not learn. */
  let fixed = only(all, false);
  const average = options.ema ? createMovingAverage(options.ema, parameters) : undefined;
  let iteration = 0;
  let queries = 0;

  /** One update; the parameters of before are kept where `keep` says that they are still needed. */
  const update = async (gradients: Readonly<Record<string, Tensor>>, keep: Record<string, Tensor>) => {
    const norm = tf.tidy(() => gradientNorm(gradients).dataSync()[0] as number) / perIteration;
    if (!Number.isFinite(norm)) {
      const names = rewards.map(({ name }) => name).join(' + ');
      throw nonFinite(`The gradient of ${names}`, norm, iteration + 1);
    }
    const learningRate = learningRateAt(iteration, options.learningRate);
    // The reward is maximised, the optimiser minimises.
    const gradientScale = -clippingFactor(norm, options.clip ?? 1) / perIteration;
    const updated = await optimiser.update(parameters, gradients, { learningRate, gradientScale });
    if (parameters !== keep) tf.dispose(parameters);
    parameters = updated;
    return norm;
  };

  const iterate = async (): Promise<IterationReport> => {
    const started = performance.now();
    const before = parameters;
    const sums: Record<string, number> = Object.fromEntries(rewards.map(({ name }) => [name, 0]));
    const norms: number[] = [];
    let judged = 0;
    const dropout = drawLoraDropout(
      options.loraDropout ?? 0,
      random.child('lora-dropout', iteration),
      parameters,
    );
    let asked = 0;
    optimiser.mark();
    try {
      const notes = await estimator.iterate({
        index: iteration,
        random: random.child('plan', iteration),
        groups: chunks(iteration * perIteration, perIteration, options.microBatch ?? batch).map((samples) =>
          createSampleGroup({ random, prompts, text, shape }, samples, iteration),
        ),
        adapters: () => adaptersFrom({ ...fixed, ...dropout.apply(parameters) }, structure),
        sampling: () => samplingFrom({ ...fixed, ...parameters }),
        judged(scores, queries) {
          for (const [name, numbers] of Object.entries(scores)) {
            const sum = Array.from(numbers).reduce((total, score) => total + score, 0);
            if (!Number.isFinite(sum)) throw nonFinite(`The reward ${name}`, sum, iteration + 1);
            sums[name] = (sums[name] ?? 0) + sum;
          }
          const count = Object.values(scores)[0]?.length ?? 0;
          judged += count;
          asked += queries ?? count;
        },
        async update(gradients) {
          norms.push(await update(dropout.apply(gradients), before));
        },
      });
      if (parameters !== before) tf.dispose(before);
      optimiser.mark();
      iteration += 1;
      average?.update(parameters, iteration);
      queries += asked;
      const means = Object.entries(sums).map(([name, sum]): [string, number] => [name, sum / judged]);
      return {
        iteration,
        rewardQueries: queries,
        reward: rewards.reduce((sum, { name, weight }) => sum + weight * ((sums[name] ?? 0) / judged), 0),
        rewards: Object.fromEntries(means),
        gradientNorm: norms.reduce((sum, norm) => sum + norm, 0) / Math.max(1, norms.length),
        learningRate: learningRateAt(iteration - 1, options.learningRate),
        seconds: (performance.now() - started) / 1000,
        ...notes,
      };
    } catch (error) {
      // Nothing of an iteration that fails stays.
      if (parameters !== before) tf.dispose(parameters);
      parameters = before;
      optimiser.rollback();
      throw error;
    } finally {
      dropout.dispose();
    }
  };

  return {
    iterate,
    adapters: () => adaptersFrom({ ...fixed, ...parameters }, structure),
    sampling: () => samplingFrom({ ...fixed, ...parameters }),
    averaged: () => average && adaptersFrom({ ...fixed, ...average.values() }, structure),
    averagedSampling: () => average && samplingFrom({ ...fixed, ...average.values() }),
    state() {
      const own = estimator.state?.() ?? {};
      const { tensors } = writeState(
        { iteration, queries },
        { ...fixed, ...parameters },
        optimiser.state(),
        own,
      );
      return { iteration, tensors: { ...tensors, ...average?.state() } };
    },
    restore(state) {
      const restored = readState(state, { ...fixed, ...parameters });
      tf.dispose([fixed, parameters]);
      fixed = only(restored.parameters, false);
      parameters = only(restored.parameters, true);
      optimiser.restore(restored.optimiser);
      tf.dispose(restored.optimiser.moments);
      estimator.restore?.(restored.algorithm);
      average?.restore(state.tensors);
      iteration = state.iteration;
      queries = restored.queries ?? iteration * perIteration;
    },
    dispose() {
      estimator.dispose();
      optimiser.dispose();
      average?.dispose();
      text.dispose();
      tf.dispose([fixed, parameters]);
      fixed = {};
      parameters = {};
    },
  };
};
