import type { RewardPlugin } from '@draft/core';
import { type AdversarialOptions, adversarialOptions } from './adversarial-options.js';
import { createAdversarial } from './create-adversarial.js';

/** Rewards pictures that an ImageNet classifier takes for a class of your choice. */
export const adversarial: RewardPlugin<AdversarialOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'adversarial',
  description: 'Rewards pictures that an ImageNet classifier takes for a class of your choice.',
  options: adversarialOptions,
  card: {
    measures:
      'The logarithm of the probability that a ResNet gives to a target class, minus the cross-entropy to it; prompts are not read.',
    range: [null, 0],
    anchors: 'a classifier that knows nothing gives each of a thousand classes −6.91',
    preprocessing:
      "official: as the checkpoint's files say, usually bicubic with antialiasing to a short side of 256, centre crop of 224, in 8 bits as its publisher's programs do it; its gradient passes the rounding by. unrounded: the same without rounding and clamping, which is differentiable; the default. bilinear: stretched to a square.",
    weights: [
      { name: 'ResNet-50', source: 'microsoft/resnet-50', license: 'Apache-2.0', bytes: 102_000_000 },
      { name: 'ResNet-50 a1', source: 'timm/resnet50.a1_in1k', license: 'Apache-2.0', bytes: 102_000_000 },
    ],
    hacking:
      'Pictures that still show the prompt, with the texture and colours of the target class; this is what it is for: examples that fool the classifier.',
    sources: ['https://arxiv.org/abs/2309.17400', 'https://arxiv.org/abs/1512.03385'],
  },
  create: createAdversarial,
};
