import type { RewardPlugin } from '@draft/core';
import { createSymmetry } from './create-symmetry.js';
import { type SymmetryOptions, symmetryOptions } from './symmetry-options.js';

/** Mirror symmetry: it is decided in the first sampling steps, so only a method that trains those learns it. */
export const symmetry: RewardPlugin<SymmetryOptions> = {
  specVersion: 1,
  kind: 'reward',
  name: 'symmetry',
  description: 'Rewards left-right mirror symmetry.',
  options: symmetryOptions,
  create: (options) => createSymmetry(options),
};
