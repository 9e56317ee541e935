import { preparedRecord } from '../chain/objective.js';
import type { Reward, RewardContext, WeightedReward } from '../contracts/reward.js';
import { inPhase } from '../runtime/profile/phases.js';
import type { Tensor } from '../runtime/tf.js';

/**
 * Lets rewards prepare for a batch.
 * @returns What they prepared by `prepared.<reward>.<name>`, owned by the caller.
 */
export const prepareRewards = async (
  rewards: readonly WeightedReward<Reward>[],
  contextOf: (reward: string) => RewardContext,
): Promise<Record<string, Tensor>> => {
  const prepared: Record<string, Tensor> = {};
  for (const { name, reward } of rewards) {
    const own = await inPhase('what rewards prepare', name, async () => reward.prepare?.(contextOf(name)));
    Object.assign(prepared, preparedRecord(name, own ?? {}));
  }
  return prepared;
};
