import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';

/**
 * The noise prediction after classifier-free guidance, `ε = ε_u + w (ε_c − ε_u)`, from one batch of both halves.
 * At `w = 1` only the conditional half is run.
 * @param input `[n, h, w, c]`, already scaled.
 * @param context `[2n, tokens, width]`, unconditional half first; `[n, …]` at `w = 1`.
 */
export const guidedNoise = (
  model: DiffusionModel,
  input: Tensor4D,
  timestep: Tensor,
  context: Tensor3D,
  guidance: number,
  adapters?: Adapters,
): Tensor4D => {
  if (guidance === 1) return model.predict(input, timestep, { context }, adapters);
  const both = model.predict(tf.concat([input, input], 0), timestep, { context }, adapters);
  const [unconditional, conditional] = tf.split(both, 2, 0) as [Tensor4D, Tensor4D];
  return tf.add(unconditional, tf.mul(guidance, tf.sub(conditional, unconditional)));
};
