import type { Adapters } from '../contracts/diffusion-model.js';
import type { Plan } from '../contracts/gradient-policy.js';
import type { TensorRecord } from '../contracts/runtime.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { type Tensor, type Tensor1D, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';

/** One micro-batch of samples to estimate a gradient from. All tensors stay the caller's. */
export interface EstimateInputs {
  readonly plan: Plan;
  /** The current values of the adapters. */
  readonly adapters: Adapters;
  /** What guides sampling, where that is learnt. */
  readonly sampling?: SamplingWeights | undefined;
  /** `x_T`, `[n, h, w, c]`, already scaled by the table's `initialNoiseScale`. */
  readonly latents: Tensor4D;
  /** Text states, `[2n, tokens, width]`, unconditional half first; `[n, …]` at guidance 1. */
  readonly context: Tensor3D;
  /** Fresh noise `z` of step `t`, owned by the callee; asked for only where the table adds noise. */
  readonly noise: (t: number) => Tensor4D;
  /** Fresh noise of DRaFT-LV's copy `i`, owned by the callee. */
  readonly copyNoise: (i: number) => Tensor4D;
  /** What the rewards prepared for this batch, by `prepared.<reward>.<name>`. */
  readonly prepared: TensorRecord;
  /**
   * Called with what each trained step of the chain adds to the gradient, from the last step on; the tensors are valid
   * during the call only. With the state cut in front of step K, the gradient is what the steps up to K add, so that
   * one walk over the whole chain shows DRaFT-K for every K.
   */
  readonly contribution?: (t: number, gradients: TensorRecord) => void;
}

/** The gradient of `Σ_i Σ_r weight_r · score_r(image_i)`, not yet divided by the batch. Owned by the caller. */
export interface Estimate {
  /** By the names of `adapterRecord` and `samplingRecord`. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** `[n]` per reward. */
  readonly scores: Readonly<Record<string, Tensor1D>>;
  readonly images: Tensor4D;
  /** What is decoded, `[n, h, w, c]`. */
  readonly latents: Tensor4D;
  /** The gradient in `latents`. */
  readonly latentGradient: Tensor4D;
}

/** Adds one set of gradients to another, disposing of what is replaced. */
export const accumulate = (sum: Record<string, Tensor>, more: TensorRecord): void => {
  for (const [name, gradient] of Object.entries(more)) {
    const before = sum[name];
    if (!before) {
      sum[name] = gradient;
      continue;
    }
    sum[name] = tf.add(before, gradient);
    before.dispose();
    gradient.dispose();
  }
};
