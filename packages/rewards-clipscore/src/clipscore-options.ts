import { z } from 'zod';

/** Options of the CLIP score reward. */
export const clipscoreOptions = z.strictObject({
  /** Which published model, where no checkpoint is named: LAION's ViT-H/14 or OpenAI's ViT-L/14. @default 'h14' */
  model: z.enum(['h14', 'l14']).default('h14').describe("LAION's ViT-H/14 or OpenAI's ViT-L/14."),
  /** `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file; absent, the published checkpoint of `model`. */
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .describe(
      'hf:org/name[@revision][/file], npm:package/path, a folder or a file; absent, the published one of the model.',
    ),
  /** Where the tokenizer is, if not beside the checkpoint; absent, CLIP's own, which needs no download. */
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where the tokenizer is, if not beside the checkpoint: hf:org/name, npm:package/path or a folder; absent, CLIP's own.",
    ),
  /** `logits`: about 100 times the cosine, as the checkpoint's scale has it; `cosine`: the cosine itself. @default 'logits' */
  scale: z
    .enum(['logits', 'cosine'])
    .default('logits')
    .describe("logits: the cosine times the checkpoint's scale, about 100; cosine: the cosine itself."),
  /**
   * How pictures become what the vision tower sees: `official` as published, bicubic to the short side and cropped, in 8 bits,
   * with the gradient of `crop`; `crop` the same without rounding and clamping, as ReNO and SRPO train; `bilinear` stretched to a square,
   * with which nobody is known to train on CLIP's score. @default 'crop'
   */
  preprocessing: z
    .enum(['official', 'crop', 'bilinear'])
    .default('crop')
    .describe(
      'official: as published, in 8 bits, for scores that compare; crop: the same without rounding, as ReNO and SRPO train; bilinear: stretched, with which nobody is known to train on CLIP.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; the others always do.'),
});

/** Options of the CLIP score reward, with defaults filled in. */
export type ClipscoreOptions = z.output<typeof clipscoreOptions>;
