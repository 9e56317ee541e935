import type { Algorithm } from '../contracts/algorithm.js';
import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import type { AnyReward, WeightedReward } from '../contracts/reward.js';
import type { Runtime } from '../contracts/runtime.js';
import type { SamplerTable } from '../contracts/sampler.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import type { TrainedPart } from '../contracts/trained-parts.js';
import type { LearningRateOptions } from './learning-rate.js';

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
  /**
   * How many of the steps that a plan's gradient passes keep what they computed for the way back, where the back end can; the
   * others are computed again. Changes time and memory, no result.
   * @default 0
   */
  readonly keptSteps?: number;
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
