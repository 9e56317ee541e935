import {
  fromPixels,
  type MeasuredReward,
  type Pixels,
  type PluginContext,
  type Tensor,
  tf,
} from '@draft/core';
import type { CocoSsdFoundOptions } from './coco-ssd-options.js';
import { loadObjects } from './load-objects.js';

/**
 * Makes the judge: the share of the objects of which some box has them as its best class, with at least `minScore`. The
 * package coco-ssd then also drops boxes that overlap better ones; the best box of a picture is never dropped.
 * @throws DraftError where a class is none of the detector's, or the weights cannot be had or do not fit.
 */
export const createCocoSsdFound = async (
  options: CocoSsdFoundOptions,
  context: PluginContext,
): Promise<MeasuredReward> => {
  const { detector, ids } = await loadObjects(options, context);
  const found = async (picture: Pixels): Promise<number> => {
    const [best, classes] = tf.tidy((): [Tensor, Tensor] => {
      const { data, shape } = fromPixels([picture]);
      const scores = detector.scores(tf.tensor4d(data, [...shape])); // [1, boxes, classes]
      return [tf.max(scores, 2), tf.argMax(scores, 2)];
    });
    const [scores, indices] = [await best.data<'float32'>(), await classes.data<'int32'>()];
    tf.dispose([best, classes]);
    const seen = new Set(
      Array.from(indices, (index) => index + 1).filter((_, box) => scores[box]! >= options.minScore),
    );
    return ids.filter((id) => seen.has(id)).length / ids.length;
  };
  return {
    differentiable: false,
    perSample: true,
    async measure(pictures) {
      const shares: number[] = [];
      for (const picture of pictures) shares.push(await found(picture));
      return shares;
    },
    dispose: detector.dispose,
  };
};
