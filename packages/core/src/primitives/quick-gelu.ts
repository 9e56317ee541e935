import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { hasNativeKernels } from './native.js';
import { nativeActivation } from './native-activation.js';
import { siluSlope } from './silu.js';

const sharpness = 1.702;

/**
 * The sigmoid approximation of GELU that OpenAI's CLIP uses, `x σ(1.702 x)`; keeps only `x` for the gradient.
 * Reference: Hendrycks and Gimpel, 2016, section 2.
 * @param x Any shape.
 */
export function quickGelu<T extends Tensor>(x: T): T {
  if (hasNativeKernels()) return nativeActivation(x, 'quickGelu');
  return customGradient(
    { x },
    (save) => {
      save([x]);
      return tf.mul(x, tf.sigmoid(tf.mul(x, sharpness))) as T;
    },
    // It is silu(a x) / a, whose derivative is silu'(a x).
    (dy, [saved]) => ({ x: () => tf.mul(dy, siluSlope(tf.mul(after(saved as T, dy), sharpness))) }),
  );
}
