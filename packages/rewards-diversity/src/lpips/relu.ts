import { type Tensor, tf } from '@draft/core';

/**
 * The larger of each number and 0. The gradient of TensorFlow.js's own asks for its step function, for which TensorFlow's kernels
 * take constants as large as `x`: gigabytes in a recorded graph of large pictures.
 */
export const relu = <T extends Tensor>(x: T): T =>
  tf.customGrad((value, save) => {
    (save as (tensors: Tensor[]) => void)([value as Tensor]);
    return {
      value: tf.relu(value as Tensor),
      gradFunc: (dy: Tensor, [saved]: Tensor[]) =>
        tf.tidy(() => tf.mul(dy, tf.cast(tf.greater(saved as Tensor, 0), 'float32'))),
    };
  })(x) as T;
