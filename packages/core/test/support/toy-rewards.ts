import { type Reward, type Tensor1D, tf } from '@draft/core';

/** The mean of all pixels. */
export const bright: Reward = {
  differentiable: true,
  perSample: true,
  score: (images) => tf.mean(images, [1, 2, 3]) as Tensor1D,
  dispose: () => {},
};

/** A reward that bends, so that its gradient depends on where the chain ends. */
export const bent: Reward = {
  differentiable: true,
  perSample: true,
  score: (images) => tf.mul(10, tf.mean(tf.square(tf.sub(images, 0.8)), [1, 2, 3])) as Tensor1D,
  dispose: () => {},
};
