import type { AdaptableLayer, Adapter, Adapters } from '../contracts/diffusion-model.js';
import type { RandomSource } from '../contracts/random-source.js';
import { DraftError } from '../errors/draft-error.js';
import { tf } from '../runtime/tf.js';

/** The size and the start of a LoRA. */
export interface LoraOptions {
  /** `r`, from 1 to the most features that go in or come out of any of the layers, the lesser of the two. */
  readonly rank: number;
  /** `α`; the update is scaled by `α / r`. @default the rank */
  readonly alpha?: number | undefined;
  /** Random numbers of the start; each layer draws from a child of its own. */
  readonly random: RandomSource;
}

/** Uniform in `±1/√in`: what PEFT's `kaiming_uniform_(a=√5)` comes to. */
const startOfDown = (rank: number, inFeatures: number, random: RandomSource): Float32Array => {
  const bound = 1 / Math.sqrt(inFeatures);
  return Float32Array.from({ length: rank * inFeatures }, () => (2 * random.uniform() - 1) * bound);
};

/**
 * Makes a fresh LoRA for some layers, `y = W x + (α/r) · B (A x)`: `A` random, `B` zero, so that it changes nothing
 * yet. Float32; the tensors are the caller's.
 * @throws DraftError `DRAFT_LORA_OPTIONS` where the rank is no integer from 1 to what any layer can use, or α is not
 * positive.
 * @see {@link https://arxiv.org/abs/2106.09685}
 */
export const createLora = (layers: readonly AdaptableLayer[], options: LoraOptions): Adapters => {
  const { rank, alpha = rank, random } = options;
  // A matrix has no higher rank than its lesser side, so more would only cost.
  const most = Math.max(1, ...layers.map(({ inFeatures, outFeatures }) => Math.min(inFeatures, outFeatures)));
  if (!Number.isInteger(rank) || rank < 1 || rank > most) {
    throw new DraftError(
      'DRAFT_LORA_OPTIONS',
      `The rank of a LoRA for these layers must be an integer from 1 to ${most}, their largest full rank, not ${rank}; 4 to 64 is usual.`,
    );
  }
  if (!Number.isFinite(alpha) || alpha <= 0) {
    throw new DraftError(
      'DRAFT_LORA_OPTIONS',
      `The alpha of a LoRA must be a positive number, not ${alpha}.`,
    );
  }
  return new Map(
    layers.map(({ name, inFeatures, outFeatures }): [string, Adapter[]] => {
      const start = startOfDown(rank, inFeatures, random.child('lora', name));
      const down = tf.tensor2d(start, [rank, inFeatures]);
      const up = tf.zeros([outFeatures, rank]);
      return [name, [{ down, up, scale: alpha / rank }]];
    }),
  );
};
