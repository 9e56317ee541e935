import { z } from 'zod';
import type { Budget } from './plan-table.js';
import type { TrainingPlan } from './plan-training.js';
import { settingsText } from './with-settings.js';

const bytes = z.int().min(0);
const seconds = z.number().min(0);

/** What `draft plan --json` prints. */
export const planReportSchema = z.strictObject({
  peakBytes: bytes,
  budget: z.strictObject({ bytes, stated: z.boolean() }),
  memory: z.strictObject({ program: bytes, weights: bytes, computation: bytes }),
  /** The part that needs the most. */
  largest: z.string(),
  secondsAnIteration: seconds,
  secondsInAll: seconds,
  parts: z.array(z.strictObject({ name: z.string(), calls: z.number().min(0), seconds, bytes })),
  size: z.strictObject({ height: z.int(), width: z.int() }),
  /** Settings that were chosen, by their names in configs. */
  chosen: z.strictObject({
    microBatch: z.int().min(1).optional(),
    keepSteps: z.int().min(0).optional(),
    modelSet: z.record(z.string(), z.unknown()).optional(),
  }),
  /** Those that make it fit, as a user types them; empty where it fits as it is. */
  flags: z.string(),
});

/** A plan as JSON. */
export const planReport = (
  { estimate, settings }: TrainingPlan,
  budget: Budget,
): z.output<typeof planReportSchema> => {
  const whole = Math.round;
  const { memory } = estimate;
  return planReportSchema.parse({
    ...estimate,
    peakBytes: whole(estimate.peakBytes),
    budget: { bytes: whole(budget.bytes), stated: budget.stated },
    memory: {
      program: whole(memory.program),
      weights: whole(memory.weights),
      computation: whole(memory.computation),
    },
    chosen: settings,
    flags: settingsText(settings),
  });
};
