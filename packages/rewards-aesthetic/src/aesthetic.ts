import type { RewardPlugin } from '@draft/core';
import { type AestheticOptions, aestheticOptions } from './aesthetic-options.js';
import { createAesthetic } from './create-aesthetic.js';

/** Rewards pictures that people find beautiful, by the LAION aesthetic predictor. */
export const aesthetic: RewardPlugin<AestheticOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'aesthetic',
  description: 'Rewards pictures that people find beautiful, by the LAION aesthetic predictor.',
  options: aestheticOptions,
  card: {
    measures: 'How people rate the beauty of a picture, from about 1 to 10; the prompt does not count.',
    range: [1, 10],
    anchors: "four pictures of ImageReward's examples score 5.9, 5.8, 5.8 and 5.1",
    preprocessing:
      'official: bicubic with antialiasing to a short side of 224, centre crop, in 8 bits as CLIP’s own processors do it, for scores that compare with published ones; its gradient passes the rounding by. crop: the same without rounding and clamping, which is differentiable and what ReNO trains with; the default. bilinear: stretched to 224 × 224, as VADER, and for square pictures AlignProp and TRL, train.',
    weights: [
      {
        name: 'CLIP ViT-L/14',
        source: 'openai/clip-vit-large-patch14',
        license: 'not stated on its model page; OpenAI’s code is MIT',
        bytes: 1710466052,
      },
      {
        name: 'LAION aesthetic predictor v2 (sac+logos+ava1-l14-linearMSE)',
        source: 'trl-lib/ddpo-aesthetic-predictor',
        license: 'Apache-2.0',
        bytes: 3714759,
      },
    ],
    hacking: 'Painterly pictures that forget their prompt: one face, one landscape, warm light.',
    sources: [
      'https://github.com/christophschuhmann/improved-aesthetic-predictor',
      'https://arxiv.org/abs/2305.13301',
    ],
  },
  create: createAesthetic,
};
