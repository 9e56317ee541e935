import { z } from 'zod';

/** Options of the adversarial reward. */
export const adversarialOptions = z.strictObject({
  /** The class that pictures should be taken for, by one of its names or by its number. @default 'golden retriever' */
  target: z
    .union([z.string().min(1), z.int().min(0)])
    .default('golden retriever')
    .describe('The class that pictures should be taken for: one of its names, or its number from 0.'),
  /** `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file. @default 'hf:microsoft/resnet-50' */
  checkpoint: z
    .string()
    .min(1)
    .default('hf:microsoft/resnet-50')
    .describe(
      "A ResNet in timm's or transformers' layout: hf:org/name[@revision][/file], npm:package/path, a folder or a file.",
    ),
  /**
   * How pictures become what the classifier sees: `official` as its publisher says, usually bicubic to the short side
   * and cropped, in 8 bits, with the gradient of `unrounded`; `unrounded` the same without rounding and clamping;
   * `bilinear` stretched to a square, so that every pixel counts. @default 'unrounded'
   */
  preprocessing: z
    .enum(['official', 'unrounded', 'bilinear'])
    .default('unrounded')
    .describe(
      'official: as published, usually bicubic, short side, centre crop, in 8 bits; unrounded: the same without rounding; bilinear: stretched to a square.',
    ),
  /** Whether `bilinear` looks at every pixel where it makes a picture smaller, as torchvision does since 0.17. @default true */
  antialias: z
    .boolean()
    .default(true)
    .describe('Whether bilinear looks at every pixel, as torchvision does since 0.17; the others always do.'),
});

/** Options of the adversarial reward, with defaults filled in. */
export type AdversarialOptions = z.output<typeof adversarialOptions>;
