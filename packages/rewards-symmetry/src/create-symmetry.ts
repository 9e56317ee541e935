import { type Reward, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import { mirrorAsymmetry } from './mirror-asymmetry.js';
import type { SymmetryOptions } from './symmetry-options.js';

/** Makes the reward `−mean |I − flip(I)| / std(I)`, at most 0. It holds no tensors. */
export const createSymmetry = ({ axis }: SymmetryOptions): Reward => {
  const asymmetry = (images: Tensor4D): Tensor1D => {
    if (axis !== 'both') return mirrorAsymmetry(images, axis);
    const sum = tf.add(mirrorAsymmetry(images, 'left-right'), mirrorAsymmetry(images, 'top-bottom'));
    return tf.div(sum, 2);
  };
  return {
    differentiable: true,
    perSample: true,
    score: (images) => tf.tidy(() => tf.neg(asymmetry(images))),
    dispose: () => {},
  };
};
