import type { RewardPlugin } from '@draft/core';
import { cardWeights } from './card-weights.js';
import { type CocoSsdOptions, cocoSsdOptions } from './coco-ssd-options.js';
import { createCocoSsd } from './create-coco-ssd.js';

/** Rewards objects that COCO-SSD finds in pictures, or no longer finds. */
export const cocoSsd: RewardPlugin<CocoSsdOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'coco-ssd',
  description: 'Rewards objects that COCO-SSD finds in pictures, or no longer finds.',
  options: cocoSsdOptions,
  card: {
    measures:
      'How surely or how often a small detector finds objects of COCO’s 80 classes; prompts are not read.',
    range: [-1, 1],
    anchors:
      'removal from −1 to 0; sums and several objects reach further; the best box of one object scores between 0 and 1; the package coco-ssd reports boxes from 0.5 on',
    preprocessing: 'as published: bilinear without antialiasing, stretched to 300 × 300',
    weights: cardWeights,
    hacking:
      'Detection: the object many times over, or patches of its texture. Removal: blur, or the object in a disguise that the detector misses; a small detector is cheated sooner than a large one.',
    sources: [
      'https://arxiv.org/abs/1512.02325',
      'https://arxiv.org/abs/1801.04381',
      'https://arxiv.org/abs/2405.00760',
    ],
  },
  create: createCocoSsd,
};

export default cocoSsd;
