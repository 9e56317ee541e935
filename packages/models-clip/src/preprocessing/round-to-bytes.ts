import { type Tensor, tf } from '@draft/core';

/**
 * Rounds to whole 255ths in `[0, 1]`, halves upwards, as Pillow keeps what it has resampled in 8 bits. The gradient is that of
 * the identity: rounding has none, and pixels beyond the range still learn.
 */
export const roundToBytes = <T extends Tensor>(x: T): T =>
  tf.customGrad((value) => ({
    value: tf.tidy(() => {
      const levels = tf.mul(tf.clipByValue(value as Tensor, 0, 1), 255);
      return tf.div(tf.floor(tf.add(levels, 0.5)), 255);
    }),
    gradFunc: (dy: Tensor) => dy,
  }))(x) as T;
