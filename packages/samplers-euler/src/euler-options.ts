import { z } from 'zod';

/** Options of the Euler sampler. */
export const eulerOptions = z.strictObject({
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else linspace */
  spacing: z
    .enum(['leading', 'trailing', 'linspace'])
    .optional()
    .describe('Where the steps lie among the training timesteps; as the checkpoint has it if absent.'),
  /** Whether each step goes below its noise level and adds fresh noise, as SDXL-Turbo is sampled. @default false */
  ancestral: z
    .boolean()
    .optional()
    .describe(
      'Whether each step goes below its noise level and adds fresh noise, as SDXL-Turbo is; not if absent.',
    ),
});

/** Options of the Euler sampler, with defaults filled in. */
export type EulerOptions = z.output<typeof eulerOptions>;
