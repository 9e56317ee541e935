import type { AnyReward, PluginContext, WeightedReward } from '@draft/core';
import type { ConfiguredReward } from './read-rewards.js';

/** Makes rewards; they are the caller's. */
export const createRewards = async (
  rewards: readonly ConfiguredReward[],
  context: PluginContext,
): Promise<readonly WeightedReward<AnyReward>[]> => {
  const made: WeightedReward<AnyReward>[] = [];
  for (const { name, weight, plugin, options } of rewards) {
    made.push({ name, weight, reward: await plugin.create(options as never, context) });
  }
  return made;
};
