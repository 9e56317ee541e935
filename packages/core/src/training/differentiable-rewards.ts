import { requireRewardGradient } from '../contracts/algorithm.js';
import type { AnyReward, Reward, WeightedReward } from '../contracts/reward.js';

/**
 * The rewards as ones that have a gradient.
 * @throws DraftError `DRAFT_REWARD_NOT_DIFFERENTIABLE` where one has none.
 */
export const differentiableRewards = (
  rewards: readonly WeightedReward<AnyReward>[],
): readonly WeightedReward<Reward>[] => {
  for (const { name, reward } of rewards) {
    requireRewardGradient(name, reward.differentiable && 'score' in reward);
  }
  return rewards as readonly WeightedReward<Reward>[];
};
