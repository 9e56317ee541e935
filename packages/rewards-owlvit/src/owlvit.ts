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
      'official: bicubic with antialiasing, stretched to 768 × 768 (base) or 840 × 840 (large), in 8 bits as its own processor does it; its gradient passes the rounding by. unrounded: the same without rounding and clamping, which is differentiable; the default. bilinear: that with the other kernel.',
    weights: [
      {
        name: 'OWL-ViT base/32',
        source: 'google/owlvit-base-patch32',
        license: 'Apache-2.0',
        bytes: 613_000_000,
      },
      {
        name: 'OWL-ViT base/16 (checkpoint hf:google/owlvit-base-patch16)',
        source: 'google/owlvit-base-patch16',
        license: 'Apache-2.0',
        bytes: 611_000_000,
      },
      {
        name: 'OWL-ViT large/14 (checkpoint hf:google/owlvit-large-patch14)',
        source: 'google/owlvit-large-patch14',
        license: 'Apache-2.0',
        bytes: 1_736_000_000,
      },
    ],
    hacking:
      'Detection: the object many times over, or its texture without its shape. Removal: blur, empty scenes, or the object in a disguise that the detector misses.',
    sources: ['https://arxiv.org/abs/2205.06230', 'https://arxiv.org/abs/2405.00760'],
  },
  create: createOwlvit,
};
