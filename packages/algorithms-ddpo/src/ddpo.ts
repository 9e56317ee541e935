import type { AlgorithmPlugin, EstimatorAlgorithm } from '@draft/core';
import { createDdpo } from './create-ddpo.js';
import { type DdpoOptions, ddpoOptions } from './ddpo-options.js';

/** DDPO: reinforcement learning of the sampling steps, the baseline of the direct methods. */
export const ddpo: AlgorithmPlugin<DdpoOptions, EstimatorAlgorithm> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'ddpo',
  description: 'DDPO: policy gradient from samples, also for rewards without a gradient.',
  options: ddpoOptions,
  create: (options) => createDdpo(options),
};
