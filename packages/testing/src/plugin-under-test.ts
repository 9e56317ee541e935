import type { Algorithm, AnyReward, ModelPlugin, PluginContext, RewardCard, Sampler } from '@draft/core';

interface PluginUnderTest<Kind extends string> {
  readonly specVersion: 1;
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly options: ModelPlugin['options'];
}

/** A reward plugin whatever its options are. */
export interface AnyRewardPlugin extends PluginUnderTest<'reward'> {
  readonly readsPrompts?: true;
  readonly card?: RewardCard;
  create(options: never, context: PluginContext): AnyReward | Promise<AnyReward>;
}

/** An algorithm plugin whatever its options are. */
export interface AnyAlgorithmPlugin extends PluginUnderTest<'algorithm'> {
  create(options: never): Algorithm;
}

/** A sampler plugin whatever its options are. */
export interface AnySamplerPlugin extends PluginUnderTest<'sampler'> {
  create(options: never): Sampler;
}

/** Any plugin that is code. */
export type AnyPlugin = AnyRewardPlugin | AnyAlgorithmPlugin | AnySamplerPlugin | ModelPlugin;

/** Options as a user would set them; what is left out has its default. */
export type GivenOptions = Readonly<Record<string, unknown>>;
