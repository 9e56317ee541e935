import type { MeasuredReward, RewardPlugin } from '@draft/core';
import { cardWeights } from './card-weights.js';
import { type CocoSsdFoundOptions, cocoSsdFoundOptions } from './coco-ssd-options.js';
import { createCocoSsdFound } from './create-coco-ssd-found.js';

/** Which of the named objects are in a picture, for judging; it has no gradient. */
export const cocoSsdFound: RewardPlugin<CocoSsdFoundOptions, MeasuredReward> = {
  specVersion: 1,
  kind: 'reward',
  name: 'coco-ssd-found',
  description: 'Says which of the named objects COCO-SSD finds in a picture, as a judge; without a gradient.',
  options: cocoSsdFoundOptions,
  card: {
    measures:
      'The share of the named objects of which a box has them as its best class, with at least the least score. It has no gradient.',
    range: [0, 1],
    anchors: '1: every object is there; 0: none is',
    preprocessing: 'as published: bilinear without antialiasing, stretched to 300 × 300',
    weights: cardWeights,
    hacking:
      'As a judge of a run that was trained on another detector it shows whether that one was cheated.',
    sources: ['https://github.com/tensorflow/tfjs-models/tree/master/coco-ssd'],
  },
  differentiable: false,
  create: createCocoSsdFound,
};

export default cocoSsdFound;
