import type { RewardPlugin } from '@draft/core';
import { createOwlvit } from './create-owlvit.js';
import { type OwlvitOptions, owlvitOptions } from './owlvit-options.js';

/** Rewards what OWL-ViT finds in pictures for your queries, or no longer finds. */
export const owlvit: RewardPlugin<OwlvitOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'owlvit',
  description: 'Rewards what OWL-ViT finds in pictures for your queries, or no longer finds.',
  options: owlvitOptions,
  card: {
    measures:
      'How surely, how often or how largely an open-vocabulary detector finds what the queries name; prompts are not read.',
    range: [-1, 1],
    anchors:
      'removal from −1 to 0; sums, areas and several queries reach further; the best box of one query scores between 0 and 1: two cats on a sofa 0.72 for "a photo of a cat"; transformers reports boxes from 0.1 on',
    preprocessing:
      'official: bicubic with antialiasing, stretched to 768 × 768 (base) or 840 × 840 (large); bilinear: the same with that kernel.',
    weights: [
      {
        name: 'OWL-ViT base/32',
        source: 'google/owlvit-base-patch32',
        license: 'Apache-2.0',
        bytes: 613_000_000,
      },
    ],
    hacking:
      'Detection: the object many times over, or its texture without its shape. Removal: blur, empty scenes, or the object in a disguise that the detector misses.',
    sources: ['https://arxiv.org/abs/2205.06230', 'https://arxiv.org/abs/2405.00760'],
  },
  create: createOwlvit,
};
