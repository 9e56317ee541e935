import { z } from 'zod';

/** Options of DRTune. */
export const drtuneOptions = z.strictObject({
  /** How many equally spaced sampling steps learn in an iteration. @default a tenth of the steps, at least 1 */
  k: z
    .int()
    .min(1)
    .optional()
    .describe('How many equally spaced sampling steps learn; a tenth of the steps if absent.'),
  /** Sampling ends early at a step drawn from `1..m`; 0 runs to the end. @default two fifths of the steps, at least 1 */
  m: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Sampling ends early at a step drawn from 1..m, 0 runs to the end; two fifths of the steps if absent.',
    ),
});

/** Options of DRTune; what is absent follows from the number of steps. */
export type DrtuneOptions = z.output<typeof drtuneOptions>;
