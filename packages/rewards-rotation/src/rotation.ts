import type { RewardPlugin } from '@draft/core';
import { createRotation } from './create-rotation.js';
import { type RotationOptions, rotationOptions } from './rotation-options.js';

/** Anti-correlation of a picture with its own rotations. */
export const rotation: RewardPlugin<RotationOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'rotation',
  description: 'Rewards pictures that are unlike their own rotations.',
  options: rotationOptions,
  card: {
    measures: 'Minus the mean correlation of a picture with itself turned by 90, 180 and 270 degrees.',
    range: [-1, 1],
    anchors:
      'unrelated rotations score 0, a picture that looks the same from all sides −1; with all three angles nothing scores more than 1/3',
    hacking: 'One half or quarter of the picture bright and the rest dark.',
    sources: ['DRaFT, https://arxiv.org/abs/2309.17400'],
  },
  create: (options) => createRotation(options),
};
