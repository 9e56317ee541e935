import type { AlgorithmPlugin, EstimatorAlgorithm } from '@draft/core';
import { createDpg } from './create-dpg.js';
import { type DpgOptions, dpgOptions } from './dpg-options.js';

/** DPG: deterministic policy gradient, through a critic that is trained beside the model. */
export const dpg: AlgorithmPlugin<DpgOptions, EstimatorAlgorithm> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'dpg',
  description: 'DPG: a critic, trained to foresee the reward, teaches random steps.',
  options: dpgOptions,
  create: (options) => createDpg(options),
};
