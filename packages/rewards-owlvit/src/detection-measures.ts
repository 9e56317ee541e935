import { type Tensor, type Tensor1D, tf } from '@draft/core';
import type { Detections } from './network/detector.js';

/** The numbers above a threshold; the others are 0 and have no gradient. */
const above = (x: Tensor, threshold: number): Tensor =>
  threshold === 0 ? x : tf.mul(x, tf.step(tf.sub(x, threshold)));

/**
 * What detections are summed up to, `[n]`, with `p[b, q]` the probability that box `b` shows query `q`:
 * `max` is `Σ_q max_b p[b, q]`; `sum` is `Σ_q Σ_b p[b, q]`; `area` is `Σ_b max_q p[b, q] · width_b · height_b`, areas as
 * shares of the image. A `p` not above the threshold counts nothing.
 */
export const detectionMeasures = {
  max: ({ logits }: Detections, threshold: number): Tensor1D =>
    tf.sum(above(tf.sigmoid(tf.max(logits, 1)), threshold), 1),
  sum: ({ logits }: Detections, threshold: number): Tensor1D =>
    tf.sum(above(tf.sigmoid(logits), threshold), [1, 2]),
  area: ({ logits, boxes }: Detections, threshold: number): Tensor1D => {
    const scores = above(tf.sigmoid(tf.max(logits, 2)), threshold); // [n, patches]
    const [widths, heights] = [2, 3].map((place) =>
      tf.reshape(tf.slice(boxes, [0, 0, place], [-1, -1, 1]), scores.shape),
    ) as [Tensor, Tensor];
    return tf.sum(tf.mul(scores, tf.mul(widths, heights)), 1);
  },
} as const;
