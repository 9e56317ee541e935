import type { GuidanceCurve } from '../contracts/sampling-weights.js';
import { type Scalar, type Tensor, type Tensor1D, tf } from '../runtime/tf.js';

/**
 * The guidance weight at a timestep. Plain tensor code, differentiable in the weights: `Σ_i share_i w_i` with the shares of
 * linear interpolation, which are exactly 1 and 0 at a knot.
 * @param timestep Scalar.
 */
export const guidanceAt = ({ timesteps, weights }: GuidanceCurve, timestep: Tensor): Scalar => {
  const [knots] = weights.shape;
  if (knots === 1) return tf.reshape(weights, []) as Scalar;
  const earlier = tf.slice(timesteps, 0, knots - 1);
  const later = tf.slice(timesteps, 1, knots - 1);
  // How far between each two knots, from the later one to the earlier, `[knots − 1]`.
  const way = tf.clipByValue(tf.div(tf.sub(timestep, later), tf.sub(earlier, later)), 0, 1) as Tensor1D;
  const shares = tf.sub(tf.concat([way, tf.ones([1])]), tf.concat([tf.zeros([1]), way])); // [knots]
  return tf.sum(tf.mul(shares, weights)) as Scalar;
};
