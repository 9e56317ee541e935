import type { Tensor3D, Tensor4D } from '../runtime/tf.js';
import type { Adapters, DiffusionModel } from './diffusion-model.js';
import type { Plan } from './gradient-policy.js';
import type { RandomSource } from './random-source.js';
import type { AnyReward, RewardContext, WeightedReward } from './reward.js';
import type { Runtime, TensorRecord } from './runtime.js';
import type { SamplerTable } from './sampler.js';
import type { SamplingWeights } from './sampling-weights.js';
import type { TrainedPart } from './trained-parts.js';

/** What an estimator is built from. All of it stays the caller's. */
export interface EstimatorSetup {
  readonly runtime: Runtime;
  readonly model: DiffusionModel;
  /** The sampler that the user chose; an estimator may sample with another table of as many steps. */
  readonly table: SamplerTable;
  /** Size of the pictures, in pixels. */
  readonly height: number;
  readonly width: number;
  /** Guidance scale `w`; 1 runs the conditional half only. */
  readonly guidance: number;
  /** Which layers are adapted and how strongly; their tensors change with each update. */
  readonly adapters: Adapters;
  /** What learns, of the adapters and of what guides sampling. @default ['lora'] */
  readonly train?: readonly TrainedPart[];
  readonly rewards: readonly WeightedReward<AnyReward>[];
  /** Whether each reward's weight is divided by the running norm of its gradient, where rewards are differentiated. */
  readonly normaliseRewards?: boolean;
  /** How strongly the steps that plans train are held to the base model's noise. @default 0 */
  readonly basePenalty?: number;
  /** How much the divergence of the steps that plans train from the base model's counts. @default 0 */
  readonly klPenalty?: number;
  /** How many of the steps that a gradient passes keep what they computed, instead of computing it again. @default 0 */
  readonly keptSteps?: number;
  /** Every prompt that may be drawn. */
  readonly prompts: readonly string[];
  /** Random numbers of the whole run, say for parameters of the estimator's own. */
  readonly random: RandomSource;
}

/** Samples that are computed at once. Their prompts and noise follow from each sample's own number. */
export interface SampleGroup {
  readonly prompts: readonly string[];
  /** Text states, `[2n, tokens, width]`, unconditional half first; `[n, …]` at guidance 1. Owned by the caller. */
  context(): Promise<Tensor3D>;
  /** Standard normal noise, `[n, h, w, c]`, the same whenever it is asked for with the same key. Owned by the caller. */
  noise(...key: readonly (string | number)[]): Tensor4D;
  /** What a reward may know about these samples. */
  rewardContext(reward: string): RewardContext;
}

/** One iteration: a batch of samples, from which one update or several are made. */
export interface Iteration {
  /** From 0. */
  readonly index: number;
  /** Random numbers of this iteration. */
  readonly random: RandomSource;
  readonly groups: readonly SampleGroup[];
  /** The adapters as they are now; they stay the trainer's and are valid until the next update. */
  adapters(): Adapters;
  /** What guides sampling as it is now, in the same way; undefined where nothing was learnt of it. */
  sampling(): SamplingWeights | undefined;
  /**
   * Takes the scores of finished pictures, one number a picture for each reward, for the report and its count.
   * @param queries How many pictures the rewards have judged for it, where they were more than those. @default one a score
   * @throws DraftError `DRAFT_NON_FINITE` where one is no finite number.
   */
  judged(scores: Readonly<Record<string, ArrayLike<number>>>, queries?: number): void;
  /**
   * Makes one update of what learns, uphill.
   * @param gradients Sums over all samples of the iteration, by the names of `adapterRecord` and, where they learn,
   * `samplingNames`; they stay the caller's.
   * @throws DraftError `DRAFT_NON_FINITE` where their norm is no finite number.
   */
  update(gradients: TensorRecord): Promise<void>;
}

/** What an iteration adds to its line of the metrics. */
export interface IterationNotes {
  readonly plan?: Plan;
  /** Numbers of the algorithm's own, by name. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Named numbers that are saved with a run. */
export type SavedNumbers = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

/** Turns batches of samples into updates. */
export interface Estimator {
  /** An iteration that fails must leave what `state` returns as it was. */
  iterate(iteration: Iteration): Promise<IterationNotes>;
  /** What must be saved between iterations to go on to the bit; absent where there is nothing. */
  state?(): SavedNumbers;
  /** Goes on from a saved state. */
  restore?(state: SavedNumbers): void;
  dispose(): void;
}

/** An algorithm whose gradient is not that of a plan: it brings its own estimator. */
export interface EstimatorAlgorithm {
  /** Whether it differentiates rewards; if not, it also learns from those that have no gradient. */
  readonly differentiatesRewards: boolean;
  /** Whether its gradients also hold those of what guides sampling (`setup.train`). @default false */
  readonly trainsSampling?: boolean;
  /**
   * Refuses options that cannot be satisfied for this number of steps, before anything is sampled.
   * @throws DraftError `DRAFT_PLAN_INVALID` naming the option.
   */
  validate(steps: number): void;
  /** @throws DraftError where the sampler or the rewards do not allow it. */
  createEstimator(setup: EstimatorSetup): Estimator;
}
