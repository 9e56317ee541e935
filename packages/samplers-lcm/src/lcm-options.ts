import { z } from 'zod';

/** Options of the LCM sampler. */
export const lcmOptions = z.strictObject({
  /** Steps of the sampler that the model was distilled from; it knows their timesteps alone. @default 50 */
  originalSteps: z
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .describe('Steps of the sampler that the model was distilled from; it knows their timesteps alone.'),
});

/** Options of the LCM sampler, with defaults filled in. */
export type LcmOptions = z.output<typeof lcmOptions>;
