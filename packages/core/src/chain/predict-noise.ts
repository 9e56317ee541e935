import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import { inBranches } from '../runtime/branches.js';
import type { Tensor, Tensor3D, Tensor4D } from '../runtime/tf.js';

/**
 * A model's noise prediction, samples in branches where the runtime asks for it.
 * @param latents `[n, h, w, c]`, already scaled.
 * @param context `[n, tokens, width]`.
 */
export const predictNoise = (
  model: DiffusionModel,
  latents: Tensor4D,
  timestep: Tensor,
  context: Tensor3D,
  adapters?: Adapters,
): Tensor4D =>
  inBranches<Tensor>([latents, context], (part, own) =>
    model.predict(part as Tensor4D, timestep, { context: own as Tensor3D }, adapters),
  ) as Tensor4D;
