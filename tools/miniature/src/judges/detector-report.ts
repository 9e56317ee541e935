import { type Runtime, type Tensor, type Tensor2D, type Tensor4D, tf } from '@draft/core';
import { createPreprocessing } from '@draft/model-clip';
import { loadDetector } from '@draft/reward-owlvit';
import { withArticle } from '../data/caption.js';
import type { Box } from '../data/paint-sprite.js';
import { detectorLabels } from './detector-targets.js';
import type { LabelledBox } from './group-scenes.js';
import { side } from './judge-scenes.js';

/** What the detector says of a picture: for each label its best score and box. */
export type Findings = readonly { readonly score: number; readonly box: Box }[];

/** Opens a detector as its plugin does; what it returns looks for every label in one picture. */
export const openDetector = async (runtime: Runtime, folder: string) => {
  const wanted = { checkpoint: folder, tokenizer: folder, context: { runtime, log: console.log } };
  const { network, tokenizer, dispose } = await loadDetector(wanted);
  const preprocess = createPreprocessing({
    size: side,
    kernel: 'bicubic',
    antialias: true,
    fit: 'stretch',
    clamp: true,
  });
  const prompts = detectorLabels.map((name) => `a photo of ${withArticle(name)}`);
  const ids = tf.tensor2d(
    prompts.flatMap((prompt) => [...tokenizer.encode(prompt)]),
    [prompts.length, tokenizer.length],
    'int32',
  );
  const queries = tf.tidy(() => network.text.embed(ids as Tensor2D));
  ids.dispose();
  const run = runtime.compile('detect', ({ pixels }: { pixels: Tensor }) => {
    const { logits, boxes } = network.detect(preprocess(pixels as Tensor4D), queries);
    return { scores: tf.sigmoid(logits), boxes };
  });
  return {
    async find(pixels: Float32Array): Promise<Findings> {
      const image = tf.tensor4d(pixels, [1, side, side, 3]);
      const result = await run({ pixels: image });
      const [scores, boxes] = [result.scores.dataSync(), result.boxes.dataSync()];
      tf.dispose([image, result]);
      return detectorLabels.map((_, label) => {
        let best = 0;
        for (let cell = 1; cell * 4 < boxes.length; cell++) {
          const at = (index: number): number => scores[index * detectorLabels.length + label]!;
          if (at(cell) > at(best)) best = cell;
        }
        const [x, y, width, height] = [0, 1, 2, 3].map((i) => side * boxes[4 * best + i]!) as [
          number,
          number,
          number,
          number,
        ];
        const box: Box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
        return { score: scores[best * detectorLabels.length + label]!, box };
      });
    },
    dispose() {
      run.dispose();
      queries.dispose();
      dispose();
    },
  };
};

const area = ([left, top, right, bottom]: Box): number =>
  Math.max(0, right - left) * Math.max(0, bottom - top);

/** The share of the union of two boxes that both cover. */
export const overlapOf = (a: Box, b: Box): number => {
  const shared = area([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  return shared / (area(a) + area(b) - shared);
};

/** Counts over pictures with known objects. */
export interface DetectorCounts {
  /** Labels that are there. */
  readonly present: number;
  /** Of them, those whose best box covers at least half of its union with an object of the label. */
  readonly found: number;
  /** Of them, those with a higher score than every label that is not there. */
  readonly above: number;
}

/** Compares what was found with what is there. */
export const countFindings = (findings: Findings, objects: readonly LabelledBox[]): DetectorCounts => {
  const there = new Set(objects.map(({ label }) => label));
  const absent = findings.filter((_, i) => !there.has(detectorLabels[i]!)).map(({ score }) => score);
  let [found, above] = [0, 0];
  for (const label of there) {
    const { score, box } = findings[detectorLabels.indexOf(label)]!;
    if (objects.some((object) => object.label === label && overlapOf(object.box, box) >= 0.5)) found += 1;
    if (absent.every((other) => other < score)) above += 1;
  }
  return { present: there.size, found, above };
};
