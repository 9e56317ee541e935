import type { AdaptableLayer, Adapters, Tensor2D, Tensor3D, Weights } from '@draft/core';

/** What the parts of a UNet share while it is put together. */
export interface UnetBuilder {
  readonly weights: Weights;
  /** Grows by every layer that a LoRA may adapt, in the order of execution. */
  readonly layers: AdaptableLayer[];
  readonly norm: { readonly groups: number; readonly epsilon: number };
  /** Width of the timestep embedding. */
  readonly timeWidth: number;
  readonly linearProjection: boolean;
}

/** What one evaluation of a UNet hands to all of its parts. */
export interface UnetCall {
  /** `silu(timestep embedding)`, `[1, timeWidth]`. */
  readonly time: Tensor2D;
  /** Text states, `[n, tokens, width]`. */
  readonly context: Tensor3D;
  readonly adapters: Adapters | undefined;
  /** Whether the stages keep nothing for their gradients but their arguments. */
  readonly recompute: boolean;
}
