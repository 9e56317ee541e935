import { z } from 'zod';

/** Options of the diversity reward. */
export const diversityOptions = z.strictObject({
  /**
   * `euclidean`, the root of the mean squared difference; `squared`, without the root; `lpips`, the learned perceptual
   * distance. @default 'euclidean'
   */
  distance: z
    .enum(['euclidean', 'squared', 'lpips'])
    .default('euclidean')
    .describe('Root of the mean squared difference, without the root, or the learned perceptual distance.'),
  /** Pixels are averaged over blocks of this side before they are compared; 1 compares pixels. @default 4 */
  block: z
    .int()
    .min(1)
    .default(4)
    .describe(
      'Pixels are averaged over blocks of this side before they are compared; 1 compares pixels. Not for lpips.',
    ),
  /** Whose features `lpips` compares. @default 'alex' */
  network: z
    .enum(['alex', 'vgg'])
    .default('alex')
    .describe("Whose features lpips compares: AlexNet's or VGG16's."),
  /** Weights of the network: an address, `hf:org/name/file`, `npm:package/path` or a file; absent, torchvision's. */
  backbone: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Weights of lpips's network: an address, hf:org/name/file, npm:package/path or a file; absent, torchvision's.",
    ),
  /** LPIPS's weights of the features: an address, `hf:org/name/file`, `npm:package/path` or a file; absent, those of its version 0.1. */
  heads: z
    .string()
    .min(1)
    .optional()
    .describe(
      "LPIPS's weights of the features: an address, hf:org/name/file, npm:package/path or a file; absent, the published ones.",
    ),
});

/** Options of the diversity reward, with defaults filled in. */
export type DiversityOptions = z.output<typeof diversityOptions>;
