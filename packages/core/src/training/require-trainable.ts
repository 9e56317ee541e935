import type { AnyReward, WeightedReward } from '../contracts/reward.js';
import { DraftError } from '../errors/draft-error.js';

/** What a trainer is asked for, as far as it can be wrong before anything runs. */
export interface TrainingRequest {
  readonly rewards: readonly WeightedReward<AnyReward>[];
  readonly prompts: readonly string[];
  readonly batch: number;
  readonly microBatch?: number;
  readonly accumulate?: number;
}

/**
 * Refuses what no trainer could work on.
 * @throws DraftError `DRAFT_REWARD_MISSING`, `DRAFT_PROMPT_MISSING`, `DRAFT_BATCH_INVALID`.
 */
export const requireTrainable = ({
  rewards,
  prompts,
  batch,
  microBatch,
  accumulate,
}: TrainingRequest): void => {
  if (rewards.length === 0) {
    throw new DraftError('DRAFT_REWARD_MISSING', 'There is no reward to train on: give at least one.');
  }
  if (prompts.length === 0) {
    throw new DraftError('DRAFT_PROMPT_MISSING', 'There is no prompt to train on: give at least one.');
  }
  for (const [name, value] of Object.entries({ batch, microBatch, accumulate })) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new DraftError(
      'DRAFT_BATCH_INVALID',
      `The option ${name} of a trainer must be a whole number of at least 1, not ${value}.`,
    );
  }
};
