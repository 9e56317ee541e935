import type { RewardPlugin } from '@draft/core';
import { createJpegReward } from './create-jpeg-reward.js';
import { type JpegOptions, jpegOptions } from './jpeg-options.js';

/** Rich, noisy pictures: the difference that JPEG makes. */
export const incompressibility: RewardPlugin<JpegOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'incompressibility',
  description: 'Rewards pictures that lose much to JPEG.',
  options: jpegOptions,
  create: (options) => createJpegReward(options, 1),
};

export default incompressibility;
