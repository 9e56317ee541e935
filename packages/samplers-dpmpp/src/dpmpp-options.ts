import { z } from 'zod';

/** Options of the DPM-Solver++ sampler. */
export const dpmppOptions = z.strictObject({
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else linspace */
  spacing: z.enum(['leading', 'trailing', 'linspace']).optional(),
  /** Noise levels after Karras et al.; the spacing is then without effect. @default false */
  karras: z.boolean().default(false),
});

/** Options of the DPM-Solver++ sampler, with defaults filled in. */
export type DpmppOptions = z.output<typeof dpmppOptions>;
