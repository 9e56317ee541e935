import { z } from 'zod';

/** Options of the HPSv2 reward. */
export const hpsv2Options = z.strictObject({
  /** Which published version, where no checkpoint is named; their scores are not comparable. @default '2.1' */
  version: z
    .enum(['2.0', '2.1'])
    .default('2.1')
    .describe('Which published version, where no checkpoint is named; their scores are not comparable.'),
  /** `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file; absent, the published file of `version`. */
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .describe(
      'hf:org/name[@revision][/file], npm:package/path, a folder or a file; absent, the published one of the version.',
    ),
  /** Where the tokenizer is, if not beside the checkpoint; absent, CLIP's own, which needs no download. */
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where the tokenizer is, if not beside the checkpoint: hf:org/name, npm:package/path or a folder; absent, CLIP's own.",
    ),
  /**
   * How pictures become what the vision tower sees: `official` as published, bicubic to the long side and padded with black;
   * `crop` bicubic to the short side and cropped, as ReNO and SRPO train; `bilinear` stretched to a square, as VADER trains,
   * and for square pictures AlignProp. @default 'official'
   */
  preprocessing: z
    .enum(['official', 'crop', 'bilinear'])
    .default('official')
    .describe(
      'official: bicubic, long side, padded; crop: short side, cropped, as ReNO and SRPO train; bilinear: stretched, as VADER, and for square pictures AlignProp, train.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; the others always do.'),
});

/** Options of the HPSv2 reward, with defaults filled in. */
export type Hpsv2Options = z.output<typeof hpsv2Options>;
