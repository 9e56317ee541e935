import type { RewardPlugin } from '@draft/core';
import { createSymmetry } from './create-symmetry.js';
import { type SymmetryOptions, symmetryOptions } from './symmetry-options.js';

/** Mirror symmetry: it is decided in the first sampling steps, so only a method that trains those learns it. */
export const symmetry: RewardPlugin<SymmetryOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'symmetry',
  description: 'Rewards mirror symmetry, left-right or along another axis.',
  options: symmetryOptions,
  card: {
    measures: 'How little a picture differs from its own mirror image, relative to its contrast.',
    range: [null, 0],
    anchors: 'independent Gaussian pixels score −1.13',
    hacking: 'Kaleidoscopes: two heads, or one head seen from the front and nothing else in the picture.',
    sources: ['DRTune, https://arxiv.org/abs/2405.00760'],
  },
  create: (options) => createSymmetry(options),
};
