import { z } from 'zod';

/** Options of the rotation reward. */
export const rotationOptions = z.strictObject({
  /** By which angles, in degrees, a picture is turned to be compared with itself. @default [90, 180, 270] */
  angles: z
    .array(z.literal([90, 180, 270]))
    .min(1)
    .default([90, 180, 270])
    .describe('By which angles, in degrees, a picture is turned to be compared with itself.'),
});

/** Options of the rotation reward, with defaults filled in. */
export type RotationOptions = z.output<typeof rotationOptions>;
