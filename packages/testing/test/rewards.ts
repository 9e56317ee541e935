import { type Reward, type RewardPlugin, type Tensor1D, tf } from '@draft/core';
import { z } from 'zod';

const options = z.strictObject({
  target: z.number().min(0).max(1).default(0.8).describe('Mean brightness that scores highest.'),
});

type Options = z.output<typeof options>;

/** Minus the squared distance of each image's mean from the target. */
export const goodReward = ({ target }: Options): Reward => ({
  differentiable: true,
  perSample: true,
  score: (images) => tf.tidy(() => tf.neg(tf.square(tf.sub(tf.mean(images, [1, 2, 3]), target))) as Tensor1D),
  dispose: () => {},
});

/** A plugin that conforms, but for what is changed. */
export const plugin = (
  change: (options: Options) => Partial<Reward> = () => ({}),
  fields: Partial<RewardPlugin<Options>> = {},
): RewardPlugin<Options> => ({
  specVersion: 1,
  kind: 'reward',
  name: 'brightness',
  description: 'Rewards pictures of a given mean brightness.',
  options,
  create: (given) => ({ ...goodReward(given), ...change(given) }),
  ...fields,
});
