import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { hasNativeKernels } from './native.js';
import { nativeActivation } from './native-activation.js';

/**
 * Sigmoid linear unit, `x σ(x)`; keeps only `x` for the gradient. Reference: Elfwing et al., 2017.
 * @param x Any shape.
 */
export function silu<T extends Tensor>(x: T): T {
  if (hasNativeKernels()) return nativeActivation(x, 'silu');
  return customGradient(
    { x },
    (save) => {
      save([x]);
      return tf.mul(x, tf.sigmoid(x)) as T;
    },
    (dy, [saved]) => ({ x: () => tf.mul(dy, siluSlope(after(saved as T, dy))) }),
  );
}

/** The derivative of SiLU, `σ(x) (1 + x (1 − σ(x)))`. Not differentiable itself inside a gradient. */
export function siluSlope(x: Tensor): Tensor {
  const sigma = tf.sigmoid(x);
  return tf.mul(sigma, tf.add(tf.mul(x, tf.sub(1, sigma)), 1));
}
