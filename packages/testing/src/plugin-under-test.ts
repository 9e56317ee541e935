import type {
  GradientPolicy,
  ModelPlugin,
  Pixels,
  PluginContext,
  Reward,
  RewardContext,
  Sampler,
} from '@draft/core';

interface PluginUnderTest<Kind extends string> {
  readonly specVersion: 1;
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly options: ModelPlugin['options'];
}

/** A reward without tensor code, which judges finished pictures. */
export interface PictureReward {
  readonly differentiable: false;
  readonly perSample: boolean;
  measure(pictures: readonly Pixels[], context: RewardContext): Promise<readonly number[]>;
  dispose(): void;
}

/** A reward plugin whatever its options are. */
export interface AnyRewardPlugin extends PluginUnderTest<'reward'> {
  create(options: never, context: PluginContext): Reward | PictureReward | Promise<Reward | PictureReward>;
}

/** An algorithm plugin whatever its options are; one that estimates gradients by itself has no `plan`. */
export interface AnyAlgorithmPlugin extends PluginUnderTest<'algorithm'> {
  create(options: never): Pick<GradientPolicy, 'validate'> & Partial<Pick<GradientPolicy, 'plan'>>;
}

/** A sampler plugin whatever its options are. */
export interface AnySamplerPlugin extends PluginUnderTest<'sampler'> {
  create(options: never): Sampler;
}

/** Any plugin that is code. */
export type AnyPlugin = AnyRewardPlugin | AnyAlgorithmPlugin | AnySamplerPlugin | ModelPlugin;

/** Options as a user would set them; what is left out has its default. */
export type GivenOptions = Readonly<Record<string, unknown>>;
