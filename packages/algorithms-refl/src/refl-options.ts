import { z } from 'zod';

/** Options of ReFL. */
export const reflOptions = z.strictObject({
  /** Sampling ends at a step drawn from `1..m`, which learns. @default two fifths of the steps, at least 1 */
  m: z
    .int()
    .min(1)
    .optional()
    .describe('Sampling ends at a step drawn from 1..m, which learns; two fifths of the steps if absent.'),
});

/** Options of ReFL; what is absent follows from the number of steps. */
export type ReflOptions = z.output<typeof reflOptions>;
