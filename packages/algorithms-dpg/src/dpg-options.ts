import { z } from 'zod';

/** Options of DPG. */
export const dpgOptions = z.strictObject({
  /** How many sampling steps learn in an iteration, drawn at random. @default a tenth of the steps, at least 1 */
  k: z
    .int()
    .min(1)
    .optional()
    .describe('How many randomly drawn sampling steps learn; a tenth of the steps if absent.'),
  /** Rank of the critic's own LoRA. @default 8 */
  criticRank: z.int().min(1).default(8).describe("Rank of the critic's own LoRA."),
  /** Learning rate of the critic, which AdamW without weight decay trains. @default 1e-3 */
  criticLearningRate: z.number().positive().default(1e-3).describe('Learning rate of the critic.'),
  /** Updates of the critic in an iteration, before the model's. @default 1 */
  criticUpdates: z
    .int()
    .min(1)
    .default(1)
    .describe("Updates of the critic in an iteration, before the model's."),
});

/** Options of DPG, with defaults filled in; what is absent follows from the number of steps. */
export type DpgOptions = z.output<typeof dpgOptions>;
