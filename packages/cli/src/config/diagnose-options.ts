import { z } from 'zod';
import { estimateOptions } from './gradient-options.js';
import { option } from './option.js';
import { sharedOptions } from './shared-options.js';

const groups = { estimate: 'Estimates' } as const;

/** Every option of `draft diagnose`, by its name in configs. */
export const diagnoseOptions = {
  ...estimateOptions,
  depth: option(z.int().min(1).optional(), {
    description: 'the largest K that is looked at (default: all sampling steps)',
    group: groups.estimate,
    value: 'K',
  }),
  samples: option(z.int().min(1).default(4), {
    description: 'pictures that one gradient is the mean of',
    group: groups.estimate,
    value: 'N',
  }),
  repeats: option(z.int().min(1).default(3), {
    description: 'independent gradients, to see how much they differ',
    group: groups.estimate,
    value: 'N',
  }),
  output: sharedOptions.output,
};

/** Everything that `draft diagnose` is told, with defaults filled in. */
export const diagnoseSchema = z.strictObject(diagnoseOptions);

/** Everything that `draft diagnose` is told, with defaults filled in. */
export type DiagnoseConfig = z.output<typeof diagnoseSchema>;
