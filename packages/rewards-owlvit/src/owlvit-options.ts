import { z } from 'zod';

/** Options of the OWL-ViT reward. */
export const owlvitOptions = z.strictObject({
  /** What is looked for, in a few words each. @default ['a photo of a book'] */
  queries: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .default(['a photo of a book'])
    .describe('What is looked for: one text, or a JSON list of them.'),
  /** Whether finding is rewarded, or no longer finding. @default 'detection' */
  mode: z
    .enum(['detection', 'removal'])
    .default('detection')
    .describe('detection: the measure is rewarded; removal: minus the measure.'),
  /**
   * What counts: `max`, the best box of each query; `sum`, all boxes of all queries; `area`, the areas of all boxes, each
   * times the score of its best query. @default 'max'
   */
  measure: z
    .enum(['max', 'sum', 'area'])
    .default('max')
    .describe('max: best score of each query; sum: all scores; area: areas of all boxes times their scores.'),
  /** Scores not above it count nothing and have no gradient; in `[0, 1)`. @default 0 */
  threshold: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Scores not above it count nothing and have no gradient; 0 lets all count.'),
  /** `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file. @default 'hf:google/owlvit-base-patch32' */
  checkpoint: z
    .string()
    .min(1)
    .default('hf:google/owlvit-base-patch32')
    .describe('hf:org/name[@revision][/file], npm:package/path, a folder or a file.'),
  /** Where the tokenizer is, if not beside the checkpoint; absent, CLIP's own, which needs no download. */
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where the tokenizer is, if not beside the checkpoint: hf:org/name, npm:package/path or a folder; absent, CLIP's own.",
    ),
  /**
   * How pictures become what the vision tower sees, all stretched to its square: `official` as published, bicubic in 8 bits,
   * with the gradient of `unrounded`; `unrounded` the same without rounding and clamping; `bilinear` with that kernel.
   * @default 'unrounded'
   */
  preprocessing: z
    .enum(['official', 'unrounded', 'bilinear'])
    .default('unrounded')
    .describe(
      'official: as published, bicubic, stretched to the square that the model reads, in 8 bits; unrounded: the same without rounding; bilinear: that with the other kernel.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; the others always do.'),
});

/** Options of the OWL-ViT reward, with defaults filled in. */
export type OwlvitOptions = z.output<typeof owlvitOptions>;
