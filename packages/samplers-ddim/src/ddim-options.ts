import { z } from 'zod';

/** Options of the DDIM sampler. */
export const ddimOptions = z.strictObject({
  /** Share of DDPM's noise added back at each step, `0..1`. @default 0 */
  eta: z.number().min(0).max(1).default(0).describe("Share of DDPM's noise that is added back at each step."),
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else leading */
  spacing: z
    .enum(['leading', 'trailing', 'linspace'])
    .optional()
    .describe('Where the steps lie among the training timesteps; as the checkpoint has it if absent.'),
});

/** Options of the DDIM sampler, with defaults filled in. */
export type DdimOptions = z.output<typeof ddimOptions>;
