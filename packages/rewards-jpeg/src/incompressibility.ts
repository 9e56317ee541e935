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
  card: {
    measures: 'How far a picture is from what JPEG makes of it, by a differentiable codec.',
    range: [0, null],
    anchors: 'a constant picture scores next to 0',
    hacking: 'Noise and fine stripes over everything.',
    sources: ['DRaFT, https://arxiv.org/abs/2309.17400'],
  },
  create: (options) => createJpegReward(options, 1),
};

export default incompressibility;
