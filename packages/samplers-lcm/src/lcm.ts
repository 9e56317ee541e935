import type { SamplerPlugin } from '@draft/core';
import { type LcmOptions, lcmOptions } from './lcm-options.js';
import { lcmTable } from './lcm-table.js';

/** The sampler of latent consistency models: one to eight steps, without guidance. */
export const lcm: SamplerPlugin<LcmOptions> = {
  specVersion: 1,
  kind: 'sampler',
  name: 'lcm',
  description: 'Few steps for latent consistency models.',
  options: lcmOptions,
  create: ({ originalSteps }) => ({
    // An ordinary model that a LoRA makes a consistency model bears a little.
    mostGuidance: 2,
    table: (steps, schedule) => lcmTable(steps, schedule, originalSteps),
  }),
};
