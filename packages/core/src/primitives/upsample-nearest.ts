import { type Tensor4D, tf } from '../runtime/tf.js';

/** Doubles height and width by repeating pixels. */
export function upsampleNearest(x: Tensor4D): Tensor4D {
  return tf.image.resizeNearestNeighbor(x, [x.shape[1] * 2, x.shape[2] * 2]);
}
