import { type Tensor, tf } from '../runtime/tf.js';
import type { NormWeights } from './group-norm.js';

/** How a layer norm normalises. */
export interface LayerNormOptions {
  readonly epsilon: number;
}

/** Normalisation over the last axis. */
export function layerNorm<T extends Tensor>(x: T, weights: NormWeights, { epsilon }: LayerNormOptions): T {
  const { mean, variance } = tf.moments(x, -1, true);
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(normal, weights.gamma), weights.beta) as T;
}
