import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import type { GroupNormOptions, NormWeights } from './group-norm.js';
import { activationNumber, runNative } from './native.js';
import { siluSlope } from './silu.js';

/** Group normalisation by our own kernels; gradients of its weights, which are seldom trained, by plain ops. */
export function nativeGroupNorm<T extends Tensor>(
  x: T,
  { gamma, beta }: NormWeights,
  { groups, epsilon, activation }: GroupNormOptions,
): T {
  const attributes = {
    integers: { groups, activation: activationNumber[activation ?? 'none'] },
    floats: { epsilon },
  };
  const channels = x.shape[x.rank - 1] as number;
  const batch = x.shape[0] as number;
  return customGradient(
    { x, gamma, beta },
    (save) => {
      const [y, mean, rstd] = runNative('DraftGroupNorm', [x, gamma, beta], attributes, 3) as [
        T,
        Tensor,
        Tensor,
      ];
      save([x, gamma, beta, mean, rstd]);
      return y;
    },
    (dy, saved) => {
      const [savedX, g, b, mean, rstd] = saved as [T, Tensor, Tensor, Tensor, Tensor];
      /** Of each group's numbers `[n, positions, groups, perGroup]`: the normalised ones, and the gradient before the activation. */
      const weighed = (): { normal: Tensor; du: Tensor } => {
        const grouped = (t: Tensor): Tensor => tf.reshape(t, [batch, -1, groups, channels / groups]);
        const across = (t: Tensor): Tensor => tf.reshape(t, [batch, 1, groups, 1]);
        const normal = tf.mul(tf.sub(grouped(savedX), across(mean)), across(rstd));
        if (activation !== 'silu') return { normal, du: grouped(dy) };
        const byChannel = (t: Tensor): Tensor => tf.reshape(t, [1, 1, groups, channels / groups]);
        const u = tf.add(tf.mul(normal, byChannel(g)), byChannel(b));
        return { normal, du: tf.mul(grouped(dy), siluSlope(u)) };
      };
      const total = (t: Tensor): Tensor => tf.reshape(tf.sum(t, [0, 1]), [channels]);
      return {
        x: () => runNative('DraftGroupNormGradient', [dy, savedX, g, b, mean, rstd], attributes)[0] as Tensor,
        gamma: () => {
          const { normal, du } = weighed();
          return total(tf.mul(du, normal));
        },
        beta: () => total(weighed().du),
      };
    },
  );
}

/** Layer normalisation by our own kernels; gradients of its weights by plain ops. */
export function nativeLayerNorm<T extends Tensor>(x: T, { gamma, beta }: NormWeights, epsilon: number): T {
  const channels = x.shape[x.rank - 1] as number;
  const rows = (t: Tensor): Tensor => tf.reshape(t, [-1, channels]); // [rows, c]
  return customGradient(
    { x, gamma, beta },
    (save) => {
      const attributes = { floats: { epsilon } };
      const [y, mean, rstd] = runNative('DraftLayerNorm', [x, gamma, beta], attributes, 3) as [
        T,
        Tensor,
        Tensor,
      ];
      save([x, gamma, mean, rstd]);
      return y;
    },
    (dy, saved) => {
      const [savedX, g, mean, rstd] = saved as [T, Tensor, Tensor, Tensor];
      return {
        x: () => runNative('DraftLayerNormGradient', [dy, savedX, g, mean, rstd], {})[0] as Tensor,
        gamma: () => tf.sum(tf.mul(rows(dy), tf.mul(tf.sub(rows(savedX), mean), rstd)), 0),
        beta: () => tf.sum(rows(dy), 0),
      };
    },
  );
}
