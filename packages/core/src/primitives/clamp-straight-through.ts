import { type Tensor, tf } from '../runtime/tf.js';

/**
 * Clamps to `[0, 1]` with the gradient of the identity: the value is what a saved picture shows, and pixels beyond
 * the range still learn.
 */
export const clampStraightThrough = <T extends Tensor>(x: T): T =>
  tf.customGrad((value) => ({
    value: tf.clipByValue(value as Tensor, 0, 1),
    gradFunc: (dy: Tensor) => dy,
  }))(x) as T;
