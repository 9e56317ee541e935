import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import type { NormWeights } from './group-norm.js';
import { hasNativeKernels } from './native.js';
import { nativeLayerNorm } from './native-norms.js';
import { requireShape } from './require-shape.js';

/** How a layer norm normalises. */
export interface LayerNormOptions {
  /** Added to the variance. */
  readonly epsilon: number;
}

/**
 * Normalisation over the last axis, `y = γ (x − μ) / √(σ² + ε) + β`, with the population variance.
 * Differentiable in `x`, `γ` and `β`; keeps two numbers a row for the gradient. Reference: Ba et al., 2016.
 * @param x `[..., c]`.
 * @throws DraftError `DRAFT_SHAPE` where the weights do not fit.
 */
export function layerNorm<T extends Tensor>(
  x: T,
  { gamma, beta }: NormWeights,
  { epsilon }: LayerNormOptions,
): T {
  const channels = x.shape[x.rank - 1];
  requireShape(
    gamma.rank === 1 && beta.rank === 1 && gamma.shape[0] === channels && beta.shape[0] === channels,
    () =>
      `A layer norm of [${x.shape}] needs gamma and beta of [${channels}], not [${gamma.shape}] and [${beta.shape}].`,
  );
  if (hasNativeKernels()) return nativeLayerNorm(x, { gamma, beta }, epsilon);
  const rows = (t: Tensor): Tensor => tf.reshape(t, [-1, channels as number]); // [rows, c]

  return customGradient(
    { x, gamma, beta },
    (save) => {
      const xs = rows(x);
      const mean = tf.mean(xs, 1, true); // [rows, 1]
      const centred = tf.sub(xs, mean);
      const rstd = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon)); // [rows, 1]
      save([x, gamma, mean, rstd]);
      return tf.reshape(tf.add(tf.mul(tf.mul(centred, rstd), gamma), beta), x.shape) as T;
    },
    (dy, saved) => {
      const [savedX, g, mean, rstd] = saved as [T, Tensor, Tensor, Tensor];
      const dys = rows(dy);
      const again = after(savedX, dy);
      const normal = (): Tensor => tf.mul(tf.sub(rows(again), mean), rstd); // x̂
      return {
        x: () => {
          const xHat = normal();
          const dxHat = tf.mul(dys, g);
          const along = tf.mul(xHat, tf.mean(tf.mul(dxHat, xHat), 1, true));
          const dx = tf.mul(tf.sub(tf.sub(dxHat, tf.mean(dxHat, 1, true)), along), rstd);
          return tf.reshape(dx, x.shape);
        },
        gamma: () => tf.sum(tf.mul(dys, normal()), 0),
        beta: () => tf.sum(dys, 0),
      };
    },
  );
}
