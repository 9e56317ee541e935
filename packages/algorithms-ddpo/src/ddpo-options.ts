import { z } from 'zod';

/** Options of DDPO. */
export const ddpoOptions = z.strictObject({
  /** How many of the noisy sampling steps learn, drawn anew in each iteration; `all` is the paper's. @default 'all' */
  k: z
    .union([z.literal('all'), z.int().min(1)])
    .default('all')
    .describe('How many of the noisy sampling steps learn, drawn anew in each iteration, or all.'),
  /** Updates from one batch of samples. From the second on the importance ratio differs from 1. @default 2 */
  innerEpochs: z.int().min(1).default(2).describe('Updates from one batch of samples.'),
  /** How far the importance ratio may move from 1 and still be followed, on the scale of the mean over a latent's numbers. @default 1e-4 */
  clipRange: z
    .number()
    .positive()
    .default(1e-4)
    .describe('How far the importance ratio may move from 1 and still be followed.'),
  /** Advantages are cut to `±` this many standard deviations. @default 5 */
  advantageClip: z
    .number()
    .positive()
    .default(5)
    .describe('Advantages are cut to plus and minus this many standard deviations.'),
  /** Whether rewards are normalised among pictures of the same prompt, once there are enough. @default true */
  perPrompt: z
    .boolean()
    .default(true)
    .describe('Whether rewards are normalised among pictures of the same prompt, once there are enough.'),
  /** How many of a prompt's latest rewards are remembered. @default 32 */
  bufferSize: z.int().min(2).default(32).describe("How many of a prompt's latest rewards are remembered."),
  /** From how many remembered rewards on a prompt is normalised by itself. @default 16 */
  minCount: z
    .int()
    .min(2)
    .default(16)
    .describe('From how many remembered rewards on a prompt is normalised by itself.'),
  /** Noise, as a share of DDPM's, that is given to a sampler which adds none. @default 1 */
  eta: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe("Noise, as a share of DDPM's, that is given to a sampler which adds none."),
});

/** Options of DDPO, with defaults filled in. */
export type DdpoOptions = z.output<typeof ddpoOptions>;
