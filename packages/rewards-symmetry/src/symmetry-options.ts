import { z } from 'zod';

/** Options of the symmetry reward. */
export const symmetryOptions = z.strictObject({
  /** Which halves of the picture should mirror each other; `both` averages the two. @default 'left-right' */
  axis: z
    .enum(['left-right', 'top-bottom', 'both'])
    .default('left-right')
    .describe('Which halves of the picture should mirror each other.'),
});

/** Options of the symmetry reward, with defaults filled in. */
export type SymmetryOptions = z.output<typeof symmetryOptions>;
