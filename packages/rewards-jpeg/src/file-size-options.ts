import { z } from 'zod';

/** Options of the file size reward. */
export const fileSizeOptions = z.strictObject({
  /** Quality of the compression, `1..100`, as image programs count it; DDPO's experiments have 95. @default 95 */
  quality: z
    .int()
    .min(1)
    .max(100)
    .default(95)
    .describe('Quality of the compression, as image programs count it.'),
});

/** Options of the file size reward, with defaults filled in. */
export type FileSizeOptions = z.output<typeof fileSizeOptions>;
