import { z } from 'zod';

/** Options of the diversity reward. */
export const diversityOptions = z.strictObject({
  /** `euclidean`, the root of the mean squared difference, or `squared`, without the root. @default 'euclidean' */
  distance: z
    .enum(['euclidean', 'squared'])
    .default('euclidean')
    .describe('Root of the mean squared difference, or without the root.'),
  /** Pixels are averaged over blocks of this side before they are compared; 1 compares pixels. @default 4 */
  block: z
    .int()
    .min(1)
    .default(4)
    .describe('Pixels are averaged over blocks of this side before they are compared; 1 compares pixels.'),
});

/** Options of the diversity reward, with defaults filled in. */
export type DiversityOptions = z.output<typeof diversityOptions>;
