import type { SamplerStep } from '../contracts/sampler.js';
import { type Tensor4D, tf } from '../runtime/tf.js';

/**
 * The gradient of the objective on its way back through the chain, in front of one step.
 *
 * With `λ` on the step's result `x_next` and `μ` on its clean prediction `x̂₀`, the step
 * `x_next = a·x + b·ε + h·x̂₀' + c·z`, `x̂₀ = p·x + q·ε` gives
 * `ν = b·λ + q·μ` on ε, `a·λ + p·μ` (plus what comes through the network) on `x`, and `h·λ` on `x̂₀'`.
 */
export interface Cotangent {
  /** `λ`; null is zero. */
  readonly state: Tensor4D | null;
  /** `μ`; null is zero. */
  readonly clean: Tensor4D | null;
}

const combine = (cotangent: Cotangent, onState: number, onClean: number): Tensor4D | null => {
  const state = cotangent.state && onState !== 0 ? cotangent.state : null;
  const clean = cotangent.clean && onClean !== 0 ? cotangent.clean : null;
  if (!state && !clean) return null;
  return tf.tidy(() => {
    const terms = [state && tf.mul(onState, state), clean && tf.mul(onClean, clean)].filter(
      (term) => term !== null,
    );
    return tf.addN(terms as Tensor4D[]);
  });
};

/** `ν = b·λ + q·μ`, the cotangent on the step's guided noise; owned by the caller. */
export const noiseCotangent = (step: SamplerStep, cotangent: Cotangent): Tensor4D | null =>
  combine(cotangent, step.b, step.q);

/** The cotangent in front of the step, with `throughNetwork` added where the network's input is live. */
export const previousCotangent = (
  step: SamplerStep,
  cotangent: Cotangent,
  throughNetwork?: Tensor4D,
): Cotangent => {
  const direct = combine(cotangent, step.a, step.p);
  const clean = combine(cotangent, step.h, 0);
  if (!throughNetwork) return { state: direct, clean };
  if (!direct) return { state: throughNetwork.clone(), clean };
  const state = tf.add(direct, throughNetwork) as Tensor4D;
  direct.dispose();
  return { state, clean };
};

/** Frees a cotangent. */
export const disposeCotangent = ({ state, clean }: Cotangent): void => {
  state?.dispose();
  clean?.dispose();
};
