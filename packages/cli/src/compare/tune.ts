import { DraftError } from '@draft/core';
import type { Trial } from './comparison.js';

/**
 * The best of the learning rates that were tried: the one after which finished pictures of the training prompts score most; of
 * equals the lowest.
 * @throws DraftError `DRAFT_COMPARISON_TUNING` where none was left.
 */
export const bestTrial = (label: string, trials: readonly Trial[]): number => {
  const scored = trials
    .flatMap(({ learningRate, reward }) => (reward === null ? [] : [{ learningRate, reward }]))
    .sort((a, b) => b.reward - a.reward || a.learningRate - b.learningRate);
  const [best] = scored;
  if (best !== undefined) return best.learningRate;
  throw new DraftError(
    'DRAFT_COMPARISON_TUNING',
    `${label} diverged at every learning rate that was tried (${trials.map(({ learningRate }) => learningRate).join(', ')}): try lower ones with --tune, or give one with --learning-rate-for.`,
  );
};
