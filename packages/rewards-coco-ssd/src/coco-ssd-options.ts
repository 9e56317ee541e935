import { z } from 'zod';

/** Which objects, and with which model they are looked for. */
const detectorOptions = {
  /** What is looked for, by the names of COCO's 80 classes, or of those that the checkpoint names. @default ['book'] */
  objects: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .default(['book'])
    .describe(
      "What is looked for: the name of one of COCO's 80 classes, or of those that the checkpoint names, or a JSON list.",
    ),
  /** Which published model, where no checkpoint is named. @default 'lite_mobilenet_v2' */
  model: z
    .enum(['lite_mobilenet_v2', 'mobilenet_v1', 'mobilenet_v2'])
    .default('lite_mobilenet_v2')
    .describe('Which published model, by the names of the package coco-ssd.'),
  /** The address of a `model.json`, a folder that holds one, `npm:package/path` or `hf:org/name`; absent, the published one of `model`. */
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The address of a model.json, a folder with one, npm:package/path or hf:org/name; absent, the published one of the model.',
    ),
};

/** Options of the COCO-SSD reward. */
export const cocoSsdOptions = z.strictObject({
  ...detectorOptions,
  /** Whether finding is rewarded, or no longer finding. @default 'detection' */
  mode: z
    .enum(['detection', 'removal'])
    .default('detection')
    .describe('detection: the measure is rewarded; removal: minus the measure.'),
  /** What counts: `max`, the best box of each object; `sum`, all boxes of all objects. @default 'max' */
  measure: z.enum(['max', 'sum']).default('max').describe('max: best score of each object; sum: all scores.'),
  /** Scores not above it count nothing and have no gradient; in `[0, 1)`. @default 0 */
  threshold: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('Scores not above it count nothing and have no gradient; 0 lets all count.'),
});

/** Options of the COCO-SSD reward, with defaults filled in. */
export type CocoSsdOptions = z.output<typeof cocoSsdOptions>;

/** Options of the judge on COCO-SSD. */
export const cocoSsdFoundOptions = z.strictObject({
  ...detectorOptions,
  /** From which score on a box counts; in `[0, 1]`. @default 0.5 */
  minScore: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('From which score on a box counts; the package coco-ssd has 0.5.'),
});

/** Options of the judge on COCO-SSD, with defaults filled in. */
export type CocoSsdFoundOptions = z.output<typeof cocoSsdFoundOptions>;
