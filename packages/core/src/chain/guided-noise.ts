import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { inSection } from '../runtime/sections.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { guidanceAt } from '../sampling/guidance-at.js';
import { withUnconditional } from '../sampling/unconditional-states.js';
import { predictNoise } from './predict-noise.js';

/**
 * The noise prediction after classifier-free guidance, `ε = ε_u + w (ε_c − ε_u)`, from one batch of both halves. Where the
 * text states have one row a sample, only the conditional half is run, which is `w = 1`.
 * @param input `[n, h, w, c]`, already scaled.
 * @param context `[2n, tokens, width]`, unconditional half first; `[n, …]` for the conditional half alone.
 * @param guidance `w`.
 * @param sampling Takes the place of `w` and of the unconditional half.
 */
export const guidedNoise = (
  model: DiffusionModel,
  input: Tensor4D,
  timestep: Tensor,
  context: Tensor3D,
  guidance: number,
  adapters?: Adapters,
  sampling: SamplingWeights = {},
): Tensor4D => {
  const predict = (latents: Tensor4D, states: Tensor3D) =>
    inSection(predictNoise(model, latents, timestep, states, adapters), 'step');
  const entered = inSection(input, 'network');
  if (context.shape[0] === input.shape[0]) return predict(entered, context);
  const states = sampling.negative ? withUnconditional(context, sampling.negative) : context;
  const both = predict(tf.concat([entered, entered], 0), states);
  const [unconditional, conditional] = tf.split(both, 2, 0) as [Tensor4D, Tensor4D];
  const weight = sampling.guidance ? guidanceAt(sampling.guidance, timestep) : guidance;
  return tf.add(unconditional, tf.mul(weight, tf.sub(conditional, unconditional)));
};
