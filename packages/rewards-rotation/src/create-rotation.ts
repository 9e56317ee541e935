import { type Reward, type Tensor1D, tf } from '@draft/core';
import { rotationCorrelation } from './rotation-correlation.js';
import type { RotationOptions } from './rotation-options.js';

/** Makes the reward: minus the mean correlation of an image with its own rotations. It holds no tensors. */
export const createRotation = ({ angles }: RotationOptions): Reward => ({
  differentiable: true,
  perSample: true,
  score: (images) =>
    tf.tidy(() => {
      const correlations = angles.map((angle) => rotationCorrelation(images, angle));
      return tf.div(tf.addN(correlations), -angles.length) as Tensor1D;
    }),
  dispose: () => {},
});
