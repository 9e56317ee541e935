import { type Tensor, tf } from '@draft/core';

/**
 * Rounding that has a gradient, `round(x) + (x − round(x))³`: off by at most 1/8, with slope `3 (x − round(x))²`.
 * @see Shin and Song, JPEG-resistant Adversarial Images, 2017
 */
export const softRound = <T extends Tensor>(values: T): T =>
  tf.customGrad((x, save) => {
    const whole = tf.round(x as Tensor);
    const rest = tf.sub(x as Tensor, whole);
    (save as (tensors: Tensor[]) => void)([rest]);
    return {
      value: tf.add(whole, tf.mul(tf.square(rest), rest)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.mul(tf.square(saved[0]!), 3)),
    };
  })(values) as T;
