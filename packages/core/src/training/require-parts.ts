import type { Adapters } from '../contracts/diffusion-model.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import type { TrainedPart } from '../contracts/trained-parts.js';
import { DraftError } from '../errors/draft-error.js';

/**
 * Refuses parts that are not there.
 * @throws DraftError `DRAFT_TRAIN_INVALID`.
 */
export const requirePresentParts = (
  train: readonly TrainedPart[],
  adapters: Adapters,
  sampling: SamplingWeights | undefined,
): void => {
  const there = { lora: adapters.size > 0, guidance: !!sampling?.guidance, negative: !!sampling?.negative };
  const missing = train.find((part) => !there[part]);
  if (missing !== undefined) {
    throw new DraftError(
      'DRAFT_TRAIN_INVALID',
      `The trainer is to train ${missing}, but was given none to begin from.`,
    );
  }
};
