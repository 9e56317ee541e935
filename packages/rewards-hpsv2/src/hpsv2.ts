import type { RewardPlugin } from '@draft/core';
import { createHpsv2 } from './create-hpsv2.js';
import { type Hpsv2Options, hpsv2Options } from './hpsv2-options.js';

/** Rewards pictures that people prefer for their prompt, by HPSv2. */
export const hpsv2: RewardPlugin<Hpsv2Options> = {
  specVersion: 1,
  kind: 'reward',
  name: 'hpsv2',
  description: 'Rewards pictures that people prefer for their prompt, by HPSv2.',
  options: hpsv2Options,
  readsPrompts: true,
  card: {
    measures: 'Which picture people prefer for a prompt (Human Preference Score v2).',
    range: [0, 0.5],
    anchors:
      "four pictures of ImageReward's examples score 0.232, 0.202, 0.198 and 0.192 with version 2.1, and 0.267, 0.255, 0.249 and 0.243 with 2.0",
    preprocessing:
      'official: bicubic with antialiasing to a long side of 224, padded with black, as its authors score, who resample numbers that are not rounded, so it is differentiable; the default. crop: to the short side, centre crop, as ReNO and SRPO train. bilinear: stretched to 224 × 224, as VADER, and for square pictures AlignProp, train.',
    weights: [
      {
        name: 'HPSv2 (version 2.0), HPS_v2_compressed.pt',
        source: 'xswu/HPSv2',
        license: 'Apache-2.0, as its code',
        bytes: 1_972_000_000,
      },
      {
        name: 'HPSv2.1 (version 2.1), HPS_v2.1_compressed.pt',
        source: 'xswu/HPSv2',
        license: 'Apache-2.0, as its code',
        bytes: 1_972_000_000,
      },
    ],
    hacking: 'Glossy, saturated pictures in one style, with little variety between seeds.',
    sources: ['https://arxiv.org/abs/2306.09341'],
  },
  create: createHpsv2,
};
