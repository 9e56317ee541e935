import { type PluginContext, type Reward, type Tensor, type Tensor1D, type Tensor3D, tf } from '@draft/core';
import type { CocoSsdOptions } from './coco-ssd-options.js';
import { loadObjects } from './load-objects.js';

/** The scores of some classes, `[n, boxes, classes]`. */
const scoresOf = (scores: Tensor3D, ids: readonly number[]): Tensor =>
  tf.concat(
    ids.map((id) => tf.slice(scores, [0, 0, id - 1], [-1, -1, 1])),
    2,
  );

/** The numbers above a threshold; the others are 0 and have no gradient. */
const above = (x: Tensor, threshold: number): Tensor =>
  threshold === 0 ? x : tf.mul(x, tf.step(tf.sub(x, threshold)));

/**
 * What scores `p[b, k]` of box `b` and object `k` are summed up to, `[n]`: `max` is `Σ_k max_b p[b, k]`, `sum` is
 * `Σ_k Σ_b p[b, k]`. A `p` not above the threshold counts nothing.
 */
const measures = {
  max: (scores: Tensor, threshold: number) => tf.sum(above(tf.max(scores, 1), threshold), 1),
  sum: (scores: Tensor, threshold: number) => tf.sum(above(scores, threshold), [1, 2]),
} as const;

/**
 * Makes the reward of what an SSD finds of some of its classes, or of their absence.
 * @throws DraftError where a class is none of the detector's, or the weights cannot be had or do not fit.
 */
export const createCocoSsd = async (options: CocoSsdOptions, context: PluginContext): Promise<Reward> => {
  const { detector, ids } = await loadObjects(options, context);
  const sign = options.mode === 'detection' ? 1 : -1;
  return {
    differentiable: true,
    perSample: true,
    score: (images) =>
      tf.tidy(() => {
        const scores = scoresOf(detector.scores(images), ids);
        return tf.mul(measures[options.measure](scores, options.threshold), sign) as Tensor1D;
      }),
    dispose: detector.dispose,
  };
};
