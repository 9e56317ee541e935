import { z } from 'zod';

/** Options of the DDPM sampler. */
export const ddpmOptions = z.strictObject({
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else leading */
  spacing: z.enum(['leading', 'trailing', 'linspace']).optional(),
});

/** Options of the DDPM sampler, with defaults filled in. */
export type DdpmOptions = z.output<typeof ddpmOptions>;
