import type { Pixels } from '../images/pixels.js';
import type { Tensor1D, Tensor4D } from '../runtime/tf.js';
import type { AdaptableLayer, Adapters } from './diffusion-model.js';
import type { RandomSource } from './random-source.js';
import type { TensorRecord } from './runtime.js';

/** What a reward may know about a batch besides its images. */
export interface RewardContext {
  /** One prompt per image. */
  readonly prompts: readonly string[];
  /** Random numbers for this batch; never use a global source. */
  readonly random: RandomSource;
  /** Training iteration, from 0; 0 outside training. */
  readonly iteration: number;
}

/** Judges images by tensor code. Higher is better. */
export interface Reward {
  /** Whether `score` has a gradient in the images; if not, only policy-gradient algorithms can train on it. */
  readonly differentiable: boolean;
  /** Whether an image's score depends on that image and its prompt alone, not on its batch. */
  readonly perSample: boolean;
  /** Every layer of the reward's network that a LoRA may adapt; absent where there is none. */
  readonly layers?: readonly AdaptableLayer[];
  /**
   * Turns what is not an image into tensors, say prompts into text embeddings; absent where the images suffice.
   * @returns Tensors that are handed to `score`, owned by the caller.
   */
  prepare?(context: RewardContext): TensorRecord | Promise<TensorRecord>;
  /**
   * Scores a batch. Plain tensor code that depends on its arguments and on the reward's own weights alone, and
   * reads no numbers: it is recorded once as a graph and replayed for other batches.
   * @param images `[n, height, width, 3]` in `[0, 1]`, RGB.
   * @param prepared What `prepare` returned for this batch; empty where there is none.
   * @param adapters A LoRA of `layers`, with which the reward is a critic to train; none is the reward itself.
   * @returns `[n]`, one score per image.
   */
  score(images: Tensor4D, prepared: TensorRecord, adapters?: Adapters): Tensor1D;
  /** Frees what the reward holds; calling it twice is harmless. */
  dispose(): void;
}

/** Judges finished pictures by any code, say the size of a file. It has no gradient. Higher is better. */
export interface MeasuredReward {
  readonly differentiable: false;
  readonly perSample: boolean;
  /** @returns One score per picture. */
  measure(pictures: readonly Pixels[], context: RewardContext): Promise<readonly number[]>;
  /** Frees what the reward holds; calling it twice is harmless. */
  dispose(): void;
}

/** A reward of either kind. */
export type AnyReward = Reward | MeasuredReward;

/** A reward with the weight that it has in the objective. */
export interface WeightedReward<Kind extends AnyReward = Reward> {
  readonly name: string;
  readonly reward: Kind;
  /** Negative to minimise. */
  readonly weight: number;
}
