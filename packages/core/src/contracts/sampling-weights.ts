import type { Tensor1D, Tensor3D } from '../runtime/tf.js';

/**
 * A guidance weight for each noise level: one at each knot, linear in the training timestep between two of them, constant
 * beyond the first and the last. Knots at the timesteps of one chain so serve a chain of any number of steps.
 */
export interface GuidanceCurve {
  /** Training timesteps of the knots, strictly falling as the steps of a chain do, `[knots]`. */
  readonly timesteps: Tensor1D;
  /** `w` of `ε = ε_u + w (ε_c − ε_u)` at each knot, `[knots]`. */
  readonly weights: Tensor1D;
}

/** What guides sampling and can be learnt like a LoRA; what is absent is as the user set it. */
export interface SamplingWeights {
  readonly guidance?: GuidanceCurve;
  /** Text states of the unconditional branch in place of the empty prompt's, `[1, tokens, width]`. */
  readonly negative?: Tensor3D;
}
