import type { AlgorithmPlugin } from '@draft/core';
import { type AlignpropOptions, alignpropOptions } from './alignprop-options.js';
import { createAlignprop } from './create-alignprop.js';

/** AlignProp: back through a random number of the last sampling steps. */
export const alignprop: AlgorithmPlugin<AlignpropOptions> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'alignprop',
  description: 'AlignProp: back-propagates through the last K sampling steps, K drawn for each iteration.',
  options: alignpropOptions,
  create: () => createAlignprop(),
};
