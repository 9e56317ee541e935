import { DraftError } from '../errors/draft-error.js';
import { downWidth, type LoraModule } from './lora-module.js';
import { lowRankSvd } from './low-rank-svd.js';

/** How small a LoRA is made. */
export interface ResizeOptions {
  /** The largest rank of a layer, at least 1. */
  readonly rank: number;
  /** The share of each update's squared norm that is enough, in `(0, 1]`; a layer gets no more rank than it takes. @default 1 */
  readonly keep?: number | undefined;
}

/** A resized module, and the share of the squared norm of its update that is left. */
export interface ResizedModule {
  readonly module: LoraModule;
  readonly kept: number;
}

/** What is smaller against the largest singular value is rounding of the stored numbers. */
const negligible = 1e-9;

const energy = (singular: readonly number[]): number =>
  singular.reduce((sum, value) => sum + value * value, 0);

const chooseRank = (singular: readonly number[], { rank, keep = 1 }: ResizeOptions): number => {
  const needed = keep * energy(singular);
  const noise = negligible * (singular[0] ?? 0);
  let chosen = 0;
  for (let sum = 0; chosen < Math.min(rank, singular.length); chosen += 1) {
    const value = singular[chosen]!;
    if (value <= noise || (keep < 1 && sum >= needed)) break;
    sum += value * value;
  }
  return Math.max(1, chosen);
};

/**
 * The best update of at most a given rank, in the Frobenius and the spectral norm (Eckart and Young, 1936): the
 * largest singular values, whose roots go to both factors.
 * @throws DraftError `DRAFT_LORA_OPTIONS` where rank or share make no sense.
 */
export const resizeModule = (module: LoraModule, options: ResizeOptions): ResizedModule => {
  const { rank: most, keep = 1 } = options;
  if (!Number.isSafeInteger(most) || most < 1) {
    throw new DraftError(
      'DRAFT_LORA_OPTIONS',
      `The rank of a LoRA must be an integer of at least 1, not ${most}.`,
    );
  }
  if (!(keep > 0 && keep <= 1)) {
    throw new DraftError(
      'DRAFT_LORA_OPTIONS',
      `The share of the update to keep must be above 0 and at most 1, not ${keep}.`,
    );
  }
  const { singular, left, right } = lowRankSvd(module);
  const rank = chooseRank(singular, options);
  const width = downWidth(module);
  const down = new Float32Array(rank * width);
  const up = new Float32Array(module.outFeatures * rank);
  for (let k = 0; k < Math.min(rank, singular.length); k += 1) {
    const root = Math.sqrt(singular[k]!);
    right[k]!.forEach((value, j) => {
      down[k * width + j] = root * value;
    });
    left[k]!.forEach((value, i) => {
      up[i * rank + k] = root * value;
    });
  }
  const total = energy(singular);
  return {
    module: { ...module, rank, down, up, scale: 1 },
    kept: total > 0 ? energy(singular.slice(0, rank)) / total : 1,
  };
};
