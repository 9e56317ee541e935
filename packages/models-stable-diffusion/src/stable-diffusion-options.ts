import { z } from 'zod';

/** Options of the model. */
export const stableDiffusionOptions = z.strictObject({
  /** Decodes in tiles of so many pixels, none, or as large as the checkpoint's own pictures. @default 'auto' */
  vaeTiles: z
    .union([z.enum(['auto', 'off']), z.int().min(64)])
    .default('auto')
    .describe(
      "Side of the tiles in which pictures are decoded, in pixels; auto: the checkpoint's own size, at least 512, for " +
        'pictures with a side more than half as large again.',
    ),
  /** What of a trained step is computed twice instead of kept. @default 'off' */
  checkpointing: z
    .enum(['off', 'blocks'])
    .default('off')
    .describe(
      "Whether a trained step keeps the blocks' inputs alone and computes the blocks again on the way back: less memory, more " +
        'time, the same numbers.',
    ),
  /** Guidance that a latent consistency model imitates. @default 8.5 */
  imitatedGuidance: z
    .number()
    .min(1)
    .default(8.5)
    .describe('Guidance that a latent consistency model imitates, where it was made for several.'),
  /** How a single file is built that is none of the published models. */
  config: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder in diffusers layout, weights not needed, whose configurations and tokenizers a single file has; without it ' +
        'those of the published model.',
    ),
});

/** Options of the model, with defaults filled in. */
export type StableDiffusionOptions = z.output<typeof stableDiffusionOptions>;
