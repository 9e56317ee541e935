import { type Scalar, type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import type { ChainOptions } from './denoising-chain.js';
import { guidedNoise } from './guided-noise.js';
import { stepDivergences } from './step-divergence.js';

/** How strongly steps are held to the base model. */
export type BasePenaltyOptions = Pick<ChainOptions, 'table' | 'basePenalty' | 'klPenalty'>;

/**
 * The weight `λ + κ w_t` of each step's distance to the base model, as a scalar of the graph by the name `hold`, of which
 * no reward can be called; `w_t` is that of `stepDivergences`. Owned by the caller.
 * @returns Of step `t`, the last being 1: a record that is empty where nothing holds.
 */
export const createHold = ({
  table,
  basePenalty = 0,
  klPenalty = 0,
}: BasePenaltyOptions): ((t: number) => Record<string, Tensor>) => {
  if (basePenalty === 0 && klPenalty === 0) return () => ({});
  const divergences = stepDivergences(table);
  return (t) => ({
    hold: tf.scalar(basePenalty + klPenalty * (divergences[table.steps.length - t] ?? 0)),
  });
};

/**
 * What holds a trained step to the base model: `hold · Σ_i mean((ε − ε_base)²)` over a batch, to be taken from its reward.
 * With `hold = κ w_t` it is `κ` times the divergence of the two models' steps a latent number, `KL_t / (h · w · c)`. With
 * `hold = λ` all steps' noises count alike, which at the same distance in the picture, `σ/α` times that of the noise,
 * makes the last steps, which paint details, dearer than the first, which lay the picture out.
 * @param input The network's input, `[n, h, w, c]`, scaled.
 * @param noise `ε` after guidance, `[n, h, w, c]`.
 * @param hold A scalar; undefined where nothing holds.
 */
export const basePenalty = (
  { model, guidance }: Pick<ChainOptions, 'model' | 'guidance'>,
  input: Tensor4D,
  noise: Tensor4D,
  timestep: Scalar,
  context: Tensor3D,
  hold: Tensor | undefined,
): Scalar | undefined => {
  if (hold === undefined) return undefined;
  const base = guidedNoise(model, input, timestep, context, guidance);
  return tf.mul(hold, tf.sum(tf.mean(tf.squaredDifference(noise, base), [1, 2, 3]))) as Scalar;
};
