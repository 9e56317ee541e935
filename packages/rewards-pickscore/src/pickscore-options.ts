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
   * How pictures become what the vision tower sees: `official` as published, bicubic to the short side and cropped; `bilinear` as AlignProp, TRL
   * and VADER train, stretched to a square. @default 'official'
   */
  preprocessing: z
    .enum(['official', 'bilinear'])
    .default('official')
    .describe(
      'official: bicubic, short side, centre crop; bilinear: stretched, as AlignProp, TRL and VADER train.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; official always does.'),
});

/** Options of the PickScore reward, with defaults filled in. */
export type PickscoreOptions = z.output<typeof pickscoreOptions>;
