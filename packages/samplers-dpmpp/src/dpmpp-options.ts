import { z } from 'zod';

/** Options of the DPM-Solver++ sampler. */
export const dpmppOptions = z.strictObject({
  /** Where the steps lie among the training timesteps. @default the checkpoint's own, else linspace */
  spacing: z
    .enum(['leading', 'trailing', 'linspace'])
    .optional()
    .describe('Where the steps lie among the training timesteps; as the checkpoint has it if absent.'),
  /** Noise levels after Karras et al.; the spacing is then without effect. @default false */
  karras: z
    .boolean()
    .default(false)
    .describe('Noise levels after Karras et al.; the spacing is then without effect.'),
});

/** Options of the DPM-Solver++ sampler, with defaults filled in. */
export type DpmppOptions = z.output<typeof dpmppOptions>;
