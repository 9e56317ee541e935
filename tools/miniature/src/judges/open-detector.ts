import { type Runtime, type Tensor, type Tensor2D, type Tensor4D, tf } from '@draft/core';
import { createPreprocessing } from '@draft/model-clip';
import { loadDetector } from '@draft/reward-owlvit';
import { withArticle } from '../data/caption.js';
import type { Box } from '../data/paint-sprite.js';
import type { Findings, OpenDetector } from './detector-report.js';
import { detectorLabels } from './detector-targets.js';
import { side } from './judge-scenes.js';

/** Opens the detector as its plugin does; what it returns looks for every label in one picture. */
export const openDetector = async (runtime: Runtime, folder: string): Promise<OpenDetector> => {
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
