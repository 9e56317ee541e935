import { z } from 'zod';

/** Options of the PickScore reward. */
export const pickscoreOptions = z.strictObject({
  /** `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file. @default 'hf:yuvalkirstain/PickScore_v1' */
  checkpoint: z
    .string()
    .min(1)
    .default('hf:yuvalkirstain/PickScore_v1')
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
   * How pictures become what the vision tower sees: `official` as published, bicubic to the short side and cropped, in 8 bits,
   * with the gradient of `crop`; `crop` the same without rounding and clamping, as VADER, ReNO and SRPO train; `bilinear` stretched to a square,
   * with which nobody is known to train PickScore. @default 'crop'
   */
  preprocessing: z
    .enum(['official', 'crop', 'bilinear'])
    .default('crop')
    .describe(
      'official: as published, in 8 bits, for scores that compare; crop: the same without rounding, as VADER, ReNO and SRPO train; bilinear: stretched, with which nobody is known to train PickScore.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; the others always do.'),
});

/** Options of the PickScore reward, with defaults filled in. */
export type PickscoreOptions = z.output<typeof pickscoreOptions>;
