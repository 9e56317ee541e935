import { z } from 'zod';

/** Options of the DDPM sampler. */
export const ddpmOptions = z.strictObject({
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else leading */
  spacing: z
    .enum(['leading', 'trailing', 'linspace'])
    .optional()
    .describe('Where the steps lie among the training timesteps; as the checkpoint has it if absent.'),
});

/** Options of the DDPM sampler, with defaults filled in. */
export type DdpmOptions = z.output<typeof ddpmOptions>;
