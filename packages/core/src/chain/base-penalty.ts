import { type Scalar, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import type { ChainOptions } from './denoising-chain.js';
import { guidedNoise } from './guided-noise.js';
import type { StepScalars } from './step-coefficients.js';

/**
 * What holds a trained step to the base model: `λ Σ_i mean((ε − ε_base)²)` over a batch, to be taken from its reward.
 * It is the divergence of the two models' steps, up to a factor of each step's own. At the same distance in the
 * picture, `σ/α` makes the last steps, which paint details, dearer than the first, which lay the picture out.
 * @param input The network's input, `[n, h, w, c]`, scaled.
 * @param noise `ε` after guidance, `[n, h, w, c]`.
 * @returns Undefined where nothing holds (`basePenalty` 0).
 */
export const basePenalty = (
  { model, guidance, basePenalty: weight = 0 }: ChainOptions,
  input: Tensor4D,
  noise: Tensor4D,
  k: StepScalars,
  context: Tensor3D,
): Scalar | undefined => {
  if (weight === 0) return undefined;
  const base = guidedNoise(model, input, k.timestep, context, guidance);
  return tf.mul(weight, tf.sum(tf.mean(tf.squaredDifference(noise, base), [1, 2, 3]))) as Scalar;
};
