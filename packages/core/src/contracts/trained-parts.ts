import { DraftError } from '../errors/draft-error.js';
import { type Algorithm, drawsPlans } from './algorithm.js';

/** What can be trained, one or several at once. */
export const trainedParts = ['lora', 'guidance', 'negative'] as const;

/** What can be trained: the LoRA, the guidance weight of each step, the text states of the unconditional branch. */
export type TrainedPart = (typeof trainedParts)[number];

const invalid = (message: string) => new DraftError('DRAFT_TRAIN_INVALID', message);

/** What decides which parts can be trained. */
export interface PartsRequest {
  readonly algorithm: Algorithm;
  /** What messages call it. */
  readonly name: string;
  /** `w`; at 1 the unconditional branch is not run, unless the guidance is learnt. */
  readonly guidance: number;
}

/**
 * Refuses parts that an algorithm, or sampling without guidance, cannot train.
 * @throws DraftError `DRAFT_TRAIN_INVALID`.
 */
export const requireTrainableParts = (
  train: readonly TrainedPart[],
  { algorithm, name, guidance }: PartsRequest,
): void => {
  if (train.length === 0)
    throw invalid('Nothing is to be trained: name at least one of lora, guidance, negative.');
  const beyond = train.filter((part) => part !== 'lora');
  if (beyond.length > 0 && !drawsPlans(algorithm) && algorithm.trainsSampling !== true) {
    throw invalid(
      `${name} trains a LoRA only, not ${beyond.join(' and ')}: leave that out, or choose another algorithm.`,
    );
  }
  if (train.includes('negative') && !train.includes('guidance') && guidance === 1) {
    throw invalid(
      'Without guidance there is no unconditional branch, so negative cannot be trained: choose a guidance other than 1, or train guidance as well.',
    );
  }
};
