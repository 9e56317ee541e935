import type { RewardPlugin } from '@draft/core';
import { createPickscore } from './create-pickscore.js';
import { type PickscoreOptions, pickscoreOptions } from './pickscore-options.js';

/** Rewards pictures that people would pick for their prompt, by PickScore. */
export const pickscore: RewardPlugin<PickscoreOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'pickscore',
  description: 'Rewards pictures that people would pick for their prompt, by PickScore.',
  options: pickscoreOptions,
  readsPrompts: true,
  card: {
    measures: 'Which picture people would pick for a prompt, learned from half a million choices.',
    range: [10, 30],
    anchors: "four pictures of ImageReward's examples score 20.7, 20.4, 20.7 and 19.4 for their prompt",
    preprocessing:
      'official: bicubic with antialiasing to a short side of 224, centre crop, in 8 bits as CLIP’s own processors do it, for scores that compare with published ones; its gradient passes the rounding by. crop: the same without rounding and clamping, which is differentiable and what VADER, ReNO and SRPO train with; the default. bilinear: stretched to 224 × 224; nobody is known to train PickScore so.',
    weights: [
      {
        name: 'PickScore v1',
        source: 'yuvalkirstain/PickScore_v1',
        license: 'not stated on its model page; its code is MIT',
        bytes: 3944437764,
      },
    ],
    hacking: 'High contrast, saturated colours and one style for every prompt.',
    sources: ['https://arxiv.org/abs/2305.01569'],
  },
  create: createPickscore,
};
