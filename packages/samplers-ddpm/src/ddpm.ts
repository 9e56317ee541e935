import type { SamplerPlugin } from '@draft/core';
import { type DdpmOptions, ddpmOptions } from './ddpm-options.js';
import { ddpmTable } from './ddpm-table.js';

/** DDPM: ancestral sampling, which adds fresh noise at every step but the last. */
export const ddpm: SamplerPlugin<DdpmOptions> = {
  specVersion: 1,
  kind: 'sampler',
  name: 'ddpm',
  description: 'Ancestral DDPM sampling.',
  options: ddpmOptions,
  create: ({ spacing }) => ({
    table: (steps, schedule) => ddpmTable(steps, schedule, spacing ?? schedule.timestepSpacing ?? 'leading'),
  }),
};
