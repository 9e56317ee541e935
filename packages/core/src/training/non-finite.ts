import { DraftError } from '../errors/draft-error.js';

/** The error that ends a run one of whose numbers is not finite, before anything learnt of it. */
export const nonFinite = (what: string, value: number, iteration: number): DraftError =>
  new DraftError(
    'DRAFT_NON_FINITE',
    `${what} became ${value} in iteration ${iteration}, so the run stopped before it could harm the LoRA; try a lower learning rate, or other options of the reward.`,
  );
