import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';

/** Per-channel scale and shift of a normalisation. */
export interface NormWeights {
  /** `[c]`. */
  readonly gamma: Tensor;
  /** `[c]`. */
  readonly beta: Tensor;
}

/** How a group norm normalises. */
export interface GroupNormOptions {
  readonly groups: number;
  readonly epsilon: number;
  /** Applied to the result. */
  readonly activation?: 'silu' | undefined;
}

/** Group normalisation over all positions and the channels of a group, and optionally SiLU. */
export function groupNorm<T extends Tensor3D | Tensor4D>(
  x: T,
  weights: NormWeights,
  { groups, epsilon, activation }: GroupNormOptions,
): T {
  const batch = x.shape[0];
  const channels = x.shape[x.rank - 1] ?? 1;
  const split = tf.reshape(x, [batch, -1, groups, channels / groups]);
  const { mean, variance } = tf.moments(split, [1, 3], true);
  const normal = tf.reshape(tf.mul(tf.sub(split, mean), tf.rsqrt(tf.add(variance, epsilon))), x.shape);
  const y = tf.add(tf.mul(normal, weights.gamma), weights.beta);
  return (activation === 'silu' ? tf.mul(y, tf.sigmoid(y)) : y) as T;
}
