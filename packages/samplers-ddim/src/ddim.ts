import type { SamplerPlugin } from '@draft/core';
import { type DdimOptions, ddimOptions } from './ddim-options.js';
import { ddimTable } from './ddim-table.js';

/** DDIM: the deterministic sampler that the papers train with, or with noise where `eta` > 0. */
export const ddim: SamplerPlugin<DdimOptions> = {
  specVersion: 1,
  kind: 'sampler',
  name: 'ddim',
  description: 'DDIM, deterministic or with noise (eta).',
  options: ddimOptions,
  create: ({ eta, spacing }) => ({
    table: (steps, schedule) =>
      ddimTable(steps, schedule, { eta, spacing: spacing ?? schedule.timestepSpacing ?? 'leading' }),
  }),
};
