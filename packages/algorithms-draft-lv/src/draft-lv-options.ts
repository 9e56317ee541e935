import { z } from 'zod';

/** Options of DRaFT-LV. */
export const draftLvOptions = z.strictObject({
  /** How many noisy copies of the result run the last step again; 0 is DRaFT-1. @default 2 */
  n: z
    .int()
    .min(0)
    .default(2)
    .describe('How many noisy copies of the result run the last step again; 0 is DRaFT-1.'),
});

/** Options of DRaFT-LV, with defaults filled in. */
export type DraftLvOptions = z.output<typeof draftLvOptions>;
