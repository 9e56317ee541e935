import { z } from 'zod';

/** Options of DRaFT-LV. */
export const draftLvOptions = z.strictObject({
  /** How many noisy copies of the result run the last step again; 0 is DRaFT-1. @default 2 */
  n: z
    .int()
    .min(0)
    .default(2)
    .describe('How many noisy copies of the result run the last step again; 0 is DRaFT-1.'),
  /**
   * Whether the copies learn from the reward's gradient at the result itself instead of asking the reward about each
   * of them: cheaper, but less stable. @default false
   */
  singleReward: z
    .boolean()
    .default(false)
    .describe("Whether the copies reuse the reward's gradient at the result: cheaper, but less stable."),
});

/** Options of DRaFT-LV, with defaults filled in. */
export type DraftLvOptions = z.output<typeof draftLvOptions>;
