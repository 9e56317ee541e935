import type { RewardPlugin } from '@draft/core';
import { type ClipscoreOptions, clipscoreOptions } from './clipscore-options.js';
import { createClipscore } from './create-clipscore.js';

/** Rewards pictures that match their prompt, by CLIP. */
export const clipscore: RewardPlugin<ClipscoreOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'clipscore',
  description: 'Rewards pictures that match their prompt, by CLIP.',
  options: clipscoreOptions,
  readsPrompts: true,
  card: {
    measures: "How well a picture fits its prompt, as CLIP's embeddings of both agree.",
    range: [0, 100],
    anchors:
      "with LAION's ViT-H/14, four pictures of ImageReward's examples score 39, 35, 34 and 33 for their prompt",
    preprocessing:
      'official: bicubic with antialiasing to a short side of 224, centre crop; bilinear: stretched to 224 × 224, as AlignProp, TRL and VADER train.',
    weights: [
      {
        name: 'CLIP ViT-H/14 (model h14)',
        source: 'laion/CLIP-ViT-H-14-laion2B-s32B-b79K',
        license: 'as its model page says',
        bytes: 3944437764,
      },
      {
        name: 'CLIP ViT-L/14 (model l14)',
        source: 'openai/clip-vit-large-patch14',
        license: 'as its model page says',
        bytes: 1710466052,
      },
    ],
    hacking: 'Words of the prompt written into the picture; textures that look like nothing to people.',
    sources: ['https://arxiv.org/abs/2103.00020', 'https://arxiv.org/abs/2104.08718'],
  },
  create: createClipscore,
};
