import { z } from 'zod';

/** Options of the Euler sampler. */
export const eulerOptions = z.strictObject({
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else linspace */
  spacing: z.enum(['leading', 'trailing', 'linspace']).optional(),
});

/** Options of the Euler sampler, with defaults filled in. */
export type EulerOptions = z.output<typeof eulerOptions>;
