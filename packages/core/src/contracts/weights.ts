import type { Tensor } from '../runtime/tf.js';

/**
 * What a weight is to the network, which decides how it is laid out:
 * `linear` `[out, in]` as stored; `convolution` `[height, width, in, out]` (stored `[out, in, height, width]`);
 * `pointwise` a 1×1 convolution used as `[out, in]` (stored 2-D, or 4-D with two ones);
 * `table` rows looked up by index, as stored; `vector` biases, scales and single embeddings, as stored.
 */
export type WeightLayout = 'linear' | 'convolution' | 'pointwise' | 'table' | 'vector';

/** Where a network takes its weights from: a checkpoint, an initialiser, or the arguments of a training step. */
export interface Weights {
  has(name: string): boolean;
  /**
   * The weight called `name` in the checkpoint's own naming.
   * @param shape The shape that the network needs, in the layout above.
   * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
   */
  get(name: string, shape: readonly number[], layout: WeightLayout): Tensor;
}
