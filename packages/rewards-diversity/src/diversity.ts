import type { RewardPlugin } from '@draft/core';
import { createDiversity } from './create-diversity.js';
import { type DiversityOptions, diversityOptions } from './diversity-options.js';
import { lpipsArchitectures } from './lpips/lpips-architecture.js';

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
    range: [0, null],
    anchors: 'a black and a white picture score 1, the same picture twice 0 (also of lpips)',
    preprocessing: "lpips: pictures in [-1, 1] at their own size, normalised as LPIPS's authors do it",
    weights: [
      {
        name: 'AlexNet (distance lpips, network alex)',
        source: lpipsArchitectures.alex.backbone,
        license: 'BSD-3-Clause (torchvision)',
        bytes: 244_408_911,
      },
      {
        name: 'VGG16 (distance lpips, network vgg)',
        source: lpipsArchitectures.vgg.backbone,
        license: 'BSD-3-Clause (torchvision)',
        bytes: 553_433_881,
      },
      {
        name: 'LPIPS 0.1 on AlexNet (network alex)',
        source: lpipsArchitectures.alex.heads,
        license: 'BSD-2-Clause',
        bytes: 6009,
      },
      {
        name: 'LPIPS 0.1 on VGG16 (network vgg)',
        source: lpipsArchitectures.vgg.heads,
        license: 'BSD-2-Clause',
        bytes: 7289,
      },
    ],
    hacking: 'Half of the pictures nearly black and half nearly white, or noise if blocks are single pixels.',
    sources: ['DRaFT, https://arxiv.org/abs/2309.17400', 'LPIPS, https://arxiv.org/abs/1801.03924'],
  },
  create: createDiversity,
};
