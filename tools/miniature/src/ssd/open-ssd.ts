import { join } from 'node:path';
import { type Runtime, type Tensor, type Tensor4D, tf } from '@draft/core';
import { cutGraph, loadDetector, loadGraphModel } from '@draft/reward-coco-ssd';
import type { Box } from '../data/paint-sprite.js';
import type { OpenDetector } from '../judges/detector-report.js';
import { detectorLabels } from '../judges/detector-targets.js';
import { side } from '../judges/judge-scenes.js';
import { anchors, boxScales } from './ssd-architecture.js';

/** A box from what is told relative to an anchor, in pixels. */
const decodeBox = (codes: ArrayLike<number>, at: number): Box => {
  const anchor = anchors[at]!;
  const code = (i: number): number => codes[4 * at + i]! / boxScales[i]!;
  const [y, x] = [anchor.y + code(0) * anchor.height, anchor.x + code(1) * anchor.width];
  const [height, width] = [anchor.height * Math.exp(code(2)), anchor.width * Math.exp(code(3))];
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2].map((share) => side * share) as [
    number,
    number,
    number,
    number,
  ];
};

/** Opens the small SSD, its scores as its plugin reads them. */
export const openSsd = async (runtime: Runtime, folder: string): Promise<OpenDetector> => {
  const context = { runtime, log: console.log };
  const detector = await loadDetector(folder, context);
  const { graph, constants } = await loadGraphModel(join(folder, 'model.json'), {});
  const cut = cutGraph(
    graph,
    constants,
    { from: 'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3', to: 'concat' },
    folder,
  );
  const run = runtime.compile('ssd', ({ pixels }: { pixels: Tensor }) => ({
    scores: detector.scores(pixels as Tensor4D),
    codes: cut.run(tf.mul(pixels, 255)),
  }));
  return {
    async find(pixels) {
      const image = tf.tensor4d(pixels, [1, side, side, 3]);
      const result = await run({ pixels: image });
      const [scores, codes] = [result.scores.dataSync(), result.codes.dataSync()];
      tf.dispose([image, result]);
      return detectorLabels.map((_, label) => {
        const at = (box: number): number => scores[box * detectorLabels.length + label]!;
        let best = 0;
        for (let box = 1; box < anchors.length; box++) if (at(box) > at(best)) best = box;
        return { score: at(best), box: decodeBox(codes, best) };
      });
    },
    dispose() {
      run.dispose();
      cut.dispose();
      detector.dispose();
    },
  };
};
