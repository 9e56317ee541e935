import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { hasNativeKernels } from './native.js';
import { nativeActivation } from './native-activation.js';
import { normalDensity, normalDistribution } from './standard-normal.js';

/**
 * Gaussian error linear unit, `x Φ(x)`, exact; keeps only `x` for the gradient. Reference: Hendrycks and Gimpel,
 * 2016.
 * @param x Any shape.
 */
export function gelu<T extends Tensor>(x: T): T {
  if (hasNativeKernels()) return nativeActivation(x, 'gelu');
  return customGradient(
    { x },
    (save) => {
      save([x]);
      return tf.mul(x, normalDistribution(x)) as T;
    },
    (dy, [saved]) => ({
      x: () => {
        const again = after(saved as T, dy);
        return tf.mul(dy, geluSlope(again, normalDistribution(again)));
      },
    }),
  );
}

/** The derivative of GELU, `Φ(x) + x φ(x)`, given `Φ(x)`. */
export function geluSlope(x: Tensor, distribution: Tensor): Tensor {
  return tf.add(distribution, tf.mul(x, normalDensity(x)));
}
