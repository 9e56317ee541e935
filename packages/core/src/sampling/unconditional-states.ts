import { type Tensor3D, tf } from '../runtime/tf.js';

/**
 * The text states of a guided batch with other unconditional ones. Plain tensor code, differentiable in both.
 * @param context `[2n, tokens, width]`, unconditional half first.
 * @param negative `[1, tokens, width]`.
 */
export const withUnconditional = (context: Tensor3D, negative: Tensor3D): Tensor3D => {
  const [rows, tokens, width] = context.shape;
  const conditional = tf.slice(context, [rows / 2, 0, 0], [rows / 2, tokens, width]);
  // A sum with zeros repeats it; its gradient is one sum over the batch.
  const repeated = tf.add(tf.zeros([rows / 2, tokens, width]), negative);
  return tf.concat([repeated, conditional], 0) as Tensor3D;
};
