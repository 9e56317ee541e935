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

/** Options of the aesthetic reward, with defaults filled in. */
export type AestheticOptions = z.output<typeof aestheticOptions>;
