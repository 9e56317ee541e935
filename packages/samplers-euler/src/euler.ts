import type { SamplerPlugin } from '@draft/core';
import { type EulerOptions, eulerOptions } from './euler-options.js';
import { eulerTable } from './euler-table.js';

/** Euler: first-order steps of the probability-flow ODE, SDXL's own sampler. */
export const euler: SamplerPlugin<EulerOptions> = {
  specVersion: 1,
  kind: 'sampler',
  name: 'euler',
  description: 'Euler steps of the probability-flow ODE.',
  options: eulerOptions,
  create: ({ spacing, ancestral }) => ({
    table: (steps, schedule) =>
      eulerTable(steps, schedule, spacing ?? schedule.timestepSpacing ?? 'linspace', ancestral),
  }),
};
