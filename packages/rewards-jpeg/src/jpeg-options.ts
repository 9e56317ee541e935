import { z } from 'zod';

/** Options of the two JPEG rewards. */
export const jpegOptions = z.strictObject({
  /** Quality of the compression, `1..100`, as image programs count it. @default 80 */
  quality: z
    .number()
    .min(1)
    .max(100)
    .default(80)
    .describe('Quality of the compression, as image programs count it.'),
  /**
   * How far a picture is from its compressed self: `squared`, the mean squared error (DRTune), or `euclidean`, the
   * norm of the difference (DRaFT), which grows with the size of the picture. @default 'squared'
   */
  distance: z
    .enum(['squared', 'euclidean'])
    .default('squared')
    .describe('Mean squared error (DRTune), or the norm of the difference (DRaFT).'),
  /** Which way the luminance table lies: as in libjpeg, or as in the published differentiable codes. @default 'libjpeg' */
  tableOrientation: z
    .enum(['libjpeg', 'transposed'])
    .default('libjpeg')
    .describe(
      'Which way the luminance table lies: as in libjpeg, or as in the published differentiable codes.',
    ),
});

/** Options of the two JPEG rewards, with defaults filled in. */
export type JpegOptions = z.output<typeof jpegOptions>;
