import { after } from '../runtime/ordering.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { hasNativeKernels } from './native.js';
import { nativeGroupNorm } from './native-norms.js';
import { requireShape } from './require-shape.js';
import { siluSlope } from './silu.js';

/** Per-channel scale and shift of a normalisation. */
export interface NormWeights {
  /** `[c]`. */
  readonly gamma: Tensor;
  /** `[c]`. */
  readonly beta: Tensor;
}

/** How a group norm normalises. */
export interface GroupNormOptions {
  /** Number of groups of neighbouring channels; divides `c`. */
  readonly groups: number;
  /** Added to the variance. */
  readonly epsilon: number;
  /** Applied to the result. */
  readonly activation?: 'silu' | undefined;
}

/**
 * Group normalisation, `y = γ (x − μ) / √(σ² + ε) + β`, with the mean and the population variance of each sample
 * over all positions and the channels of a group; then SiLU if asked for. Differentiable in `x`, `γ` and `β`;
 * keeps two numbers a group for the gradient and computes the rest again. Reference: Wu and He, 2018.
 * @param x `[n, h, w, c]` or `[n, t, c]`.
 * @throws DraftError `DRAFT_SHAPE` where the groups or the weights do not fit.
 */
export function groupNorm<T extends Tensor3D | Tensor4D>(
  x: T,
  weights: NormWeights,
  { groups, epsilon, activation }: GroupNormOptions,
): T {
  const { gamma, beta } = weights;
  requireGroupNorm(x, weights, groups);
  if (hasNativeKernels()) return nativeGroupNorm(x, weights, { groups, epsilon, activation });
  const batch = x.shape[0];
  const channels = x.shape[x.rank - 1] as number;
  const perGroup = channels / groups;
  const positions = x.size / batch / channels;
  const flat = (t: Tensor): Tensor => tf.reshape(t, [batch, positions, channels]);
  const grouped = (t: Tensor): Tensor => tf.reshape(t, [-1, groups, perGroup]);
  const byChannel = (t: Tensor): Tensor => tf.reshape(t, [batch, 1, channels]);

  /** `x · scale + shift` is the norm: two passes over the big tensor. */
  const coefficients = (
    g: Tensor,
    b: Tensor,
    mean: Tensor,
    rstd: Tensor,
  ): { scale: Tensor; shift: Tensor } => {
    const scale = tf.mul(grouped(g), rstd); // [n, groups, perGroup]
    return { scale: byChannel(scale), shift: byChannel(tf.sub(grouped(b), tf.mul(mean, scale))) };
  };

  return customGradient(
    { x, gamma, beta },
    (save) => {
      const xs = flat(x); // [n, positions, c]
      const { mean, rstd } = statistics(xs, grouped, epsilon);
      save([x, gamma, beta, mean, rstd]);
      const { scale, shift } = coefficients(gamma, beta, mean, rstd);
      const u = tf.add(tf.mul(xs, scale), shift);
      return tf.reshape(activation === 'silu' ? tf.mul(u, tf.sigmoid(u)) : u, x.shape) as T;
    },
    (dy, saved) => {
      const [savedX, g, b, mean, rstd] = saved as [T, Tensor, Tensor, Tensor, Tensor];
      const [dx, dgamma, dbeta] = tf.tidy(() => {
        const xs = flat(after(savedX, dy));
        const { scale, shift } = coefficients(g, b, mean, rstd);
        const dys = flat(dy);
        const du = activation === 'silu' ? tf.mul(dys, siluSlope(tf.add(tf.mul(xs, scale), shift))) : dys;
        // Sums over positions, then over the few channels of a group.
        const sum = grouped(tf.sum(du, 1)); // [n, groups, perGroup]
        const centred = tf.mul(tf.sub(grouped(tf.sum(tf.mul(du, xs), 1)), tf.mul(mean, sum)), rstd); // Σ du x̂
        const share = 1 / (positions * perGroup);
        const meanGradient = tf.mul(tf.sum(tf.mul(grouped(g), sum), 2, true), share); // [n, groups, 1]
        const slope = tf.mul(tf.mul(tf.sum(tf.mul(grouped(g), centred), 2, true), share), rstd);
        // dx = rstd (γ du − mean(γ du) − x̂ mean(γ du x̂)), written as du · scale + x · p + q.
        const p = tf.neg(tf.mul(slope, rstd)); // [n, groups, 1]
        const q = tf.neg(tf.add(tf.mul(p, mean), tf.mul(meanGradient, rstd)));
        const spread = (t: Tensor): Tensor => byChannel(tf.tile(t, [1, 1, perGroup]));
        const dx = tf.add(tf.mul(du, scale), tf.add(tf.mul(xs, spread(p)), spread(q)));
        const overBatch = (t: Tensor): Tensor => tf.reshape(tf.sum(t, 0), [channels]);
        return [tf.reshape(dx, x.shape), overBatch(centred), overBatch(sum)];
      }) as [Tensor, Tensor, Tensor];
      return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
    },
  );
}

/** Mean and `1 / √(σ² + ε)` of each group, each `[n, groups, 1]`: channel by channel first, without cancellation. */
function statistics(
  xs: Tensor,
  grouped: (t: Tensor) => Tensor,
  epsilon: number,
): { mean: Tensor; rstd: Tensor } {
  const channelMean = tf.mean(xs, 1, true); // [n, 1, c]
  const channelVariance = tf.mean(tf.squaredDifference(xs, channelMean), 1, true);
  const means = grouped(channelMean); // [n, groups, perGroup]
  const mean = tf.mean(means, 2, true); // [n, groups, 1]
  const variance = tf.mean(tf.add(grouped(channelVariance), tf.squaredDifference(means, mean)), 2, true);
  return { mean, rstd: tf.rsqrt(tf.add(variance, epsilon)) };
}

function requireGroupNorm(x: Tensor, { gamma, beta }: NormWeights, groups: number): void {
  const channels = x.shape[x.rank - 1];
  requireShape(
    (x.rank === 3 || x.rank === 4) &&
      Number.isInteger(groups) &&
      groups > 0 &&
      (channels as number) % groups === 0,
    () =>
      `A group norm of ${groups} groups does not fit [${x.shape}]: it takes [n, h, w, c] or [n, t, c], and the groups must divide c.`,
  );
  requireShape(
    gamma.rank === 1 && beta.rank === 1 && gamma.shape[0] === channels && beta.shape[0] === channels,
    () =>
      `A group norm over ${channels} channels needs gamma and beta of [${channels}], not [${gamma.shape}] and [${beta.shape}].`,
  );
}
