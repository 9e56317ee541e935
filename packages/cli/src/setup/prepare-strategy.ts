import { type AnyReward, DraftError, type WeightedReward } from '@draft/core';
import { parsePluginOptions } from '@draft/core/plugins';
import type { GenerateConfig } from '../config/generate-options.js';
import { createPlain } from '../strategies/plain.js';
import { strategies } from '../strategies/strategies.js';
import type { Drawing, DrawingTools } from '../strategies/strategy.js';
import type { ConfiguredReward } from './read-rewards.js';

/** A strategy whose options have been checked. */
export interface PreparedStrategy {
  /** @throws DraftError where a reward that has been made does not suit it. */
  check(rewards: readonly WeightedReward<AnyReward>[]): void;
  create(tools: DrawingTools): Drawing;
}

const refuseReward = (name: string, strategy: string, reason: string): DraftError =>
  new DraftError(
    'DRAFT_STRATEGY_REWARD',
    `The reward ${name} ${reason}: choose another one for the strategy ${strategy}.`,
  );

/**
 * Checks what was asked for of a strategy, or of none.
 * @throws DraftError where its options are wrong, or the rewards that it needs are missing.
 */
export const prepareStrategy = async (
  { strategy: name, strategySet }: Pick<GenerateConfig, 'strategy' | 'strategySet'>,
  rewards: readonly Pick<ConfiguredReward, 'name' | 'plugin'>[],
): Promise<PreparedStrategy> => {
  if (name === undefined) {
    if (Object.keys(strategySet).length === 0) return { check: () => {}, create: createPlain };
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      '--strategy-set needs a strategy: choose one with --strategy.',
    );
  }
  const strategy = strategies[name];
  const options = await parsePluginOptions(strategy.options, strategySet, `strategy "${name}"`);
  if (strategy.rewards !== 'none' && rewards.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      `The strategy ${name} looks for pictures with a high reward: say which with --reward.`,
    );
  }
  const noGradient = rewards.find(({ plugin }) => plugin.differentiable === false);
  if (strategy.rewards === 'gradient' && noGradient) {
    throw refuseReward(noGradient.name, name, 'has no gradient in the images');
  }
  return {
    check(made) {
      if (strategy.rewards === 'none') return;
      for (const { name: rewardName, reward } of made) {
        if (!reward.perSample) throw refuseReward(rewardName, name, 'judges several pictures by one another');
        if (strategy.rewards === 'gradient' && !reward.differentiable) {
          throw refuseReward(rewardName, name, 'has no gradient in the images with these options');
        }
      }
    },
    create: (tools) => strategy.create(options, tools),
  };
};
