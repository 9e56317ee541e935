import { z } from 'zod';

/** Options of DRaFT. */
export const draftOptions = z.strictObject({
  /** How many of the last sampling steps learn: DRaFT-K; `all` is DRaFT. @default 'all' */
  k: z
    .union([z.int().min(1), z.literal('all')])
    .default('all')
    .describe('How many of the last sampling steps learn (DRaFT-K); all of them is DRaFT.'),
});

/** Options of DRaFT, with defaults filled in. */
export type DraftOptions = z.output<typeof draftOptions>;
