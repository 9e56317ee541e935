import type { SamplerPlugin } from '@draft/core';
import { type DpmppOptions, dpmppOptions } from './dpmpp-options.js';
import { dpmppTable } from './dpmpp-table.js';

/** DPM-Solver++(2M): second order from the predictions of two steps, good pictures in some 20 steps. */
export const dpmpp: SamplerPlugin<DpmppOptions> = {
  specVersion: 1,
  kind: 'sampler',
  name: 'dpmpp',
  description: 'DPM-Solver++ 2M, a second-order multistep solver.',
  options: dpmppOptions,
  create: ({ spacing, karras }) => ({
    table: (steps, schedule) =>
      dpmppTable(steps, schedule, { spacing: spacing ?? schedule.timestepSpacing ?? 'linspace', karras }),
  }),
};
