import { type Tensor, tf } from '../runtime/tf.js';

/** The standard normal distribution function, `Φ(x) = (1 + erf(x / √2)) / 2`. */
export function normalDistribution(x: Tensor): Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** The standard normal density, `φ(x) = exp(−x² / 2) / √(2π)`. */
export function normalDensity(x: Tensor): Tensor {
  return tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}
