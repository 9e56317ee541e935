import type { RewardPlugin } from '@draft/core';
import { createJpegReward } from './create-jpeg-reward.js';
import { type JpegOptions, jpegOptions } from './jpeg-options.js';

/** Smooth, simple pictures: minus the difference that JPEG makes. */
export const compressibility: RewardPlugin<JpegOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'compressibility',
  description: 'Rewards pictures that lose little to JPEG.',
  options: jpegOptions,
  create: (options) => createJpegReward(options, -1),
};

export default compressibility;
