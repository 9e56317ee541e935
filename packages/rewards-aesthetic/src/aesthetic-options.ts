import { z } from 'zod';

/** Options of the aesthetic reward. */
export const aestheticOptions = z.strictObject({
  /** The CLIP model: `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file. @default 'hf:openai/clip-vit-large-patch14' */
  checkpoint: z
    .string()
    .min(1)
    .default('hf:openai/clip-vit-large-patch14')
    .describe('The CLIP model: hf:org/name[@revision][/file], npm:package/path, a folder or a file.'),
  /**
   * The head on its embeddings: `hf:org/name[@revision]/file`, `npm:package/path` or a file.
   * @default 'hf:trl-lib/ddpo-aesthetic-predictor/aesthetic-model.pth'
   */
  head: z
    .string()
    .min(1)
    .default('hf:trl-lib/ddpo-aesthetic-predictor/aesthetic-model.pth')
    .describe('The head on its embeddings: hf:org/name[@revision]/file, npm:package/path or a file.'),
  /**
   * How pictures become what the vision tower sees: `official` as published, bicubic to the short side and cropped, in 8 bits,
   * with the gradient of `crop`; `crop` the same without rounding and clamping, as ReNO trains; `bilinear` stretched to a square, as
   * VADER trains, and for square pictures AlignProp and TRL. @default 'crop'
   */
  preprocessing: z
    .enum(['official', 'crop', 'bilinear'])
    .default('crop')
    .describe(
      'official: as published, in 8 bits, for scores that compare; crop: the same without rounding, as ReNO trains; bilinear: stretched, as VADER, and for square pictures AlignProp and TRL, train.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; the others always do.'),
});

/** Options of the aesthetic reward, with defaults filled in. */
export type AestheticOptions = z.output<typeof aestheticOptions>;
