import type { RewardPlugin } from '@draft/core';
import { createDiversity } from './create-diversity.js';
import { type DiversityOptions, diversityOptions } from './diversity-options.js';

/** How much the pictures of a batch differ, against collapse. */
export const diversity: RewardPlugin<DiversityOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'diversity',
  description: 'Rewards pictures that differ from the others of their batch.',
  options: diversityOptions,
  card: {
    measures:
      'The distance of each picture from another one of its batch, the last from the first and so on.',
    range: [0, 1],
    anchors: 'a black and a white picture score 1, the same picture twice 0',
    hacking: 'Half of the pictures nearly black and half nearly white, or noise if blocks are single pixels.',
    sources: ['DRaFT, https://arxiv.org/abs/2309.17400'],
  },
  create: (options) => createDiversity(options),
};
