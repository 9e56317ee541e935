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
  card: {
    measures: 'Minus how far a picture is from what JPEG makes of it, by a differentiable codec.',
    range: [null, 0],
    anchors: 'a constant picture scores next to 0',
    hacking: 'Flat colours and empty backgrounds, and in the end nothing else.',
    sources: ['DRaFT, https://arxiv.org/abs/2309.17400', 'DRTune, https://arxiv.org/abs/2405.00760'],
  },
  create: (options) => createJpegReward(options, -1),
};

export default compressibility;
