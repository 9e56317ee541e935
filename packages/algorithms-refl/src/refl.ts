import type { AlgorithmPlugin } from '@draft/core';
import { createRefl } from './create-refl.js';
import { type ReflOptions, reflOptions } from './refl-options.js';

/** ReFL: reward feedback learning from the one-step prediction of a random step. */
export const refl: AlgorithmPlugin<ReflOptions> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'refl',
  description: 'ReFL: trains the random step at which sampling ends early.',
  options: reflOptions,
  create: (options) => createRefl(options),
};
