import type { DiffusionModel } from '../contracts/diffusion-model.js';
import { clampStraightThrough } from '../primitives/clamp-straight-through.js';
import { inBranches } from '../runtime/branches.js';
import type { Tensor4D } from '../runtime/tf.js';

/**
 * Decodes latents to what a saved picture shows: `[n, height, width, 3]`, clamped to `[0, 1]` with a straight-through
 * gradient. Plain tensor code.
 */
export const decodePictures = (model: DiffusionModel, latents: Tensor4D): Tensor4D =>
  clampStraightThrough(inBranches([latents], (part) => model.decode(part)) as Tensor4D);
