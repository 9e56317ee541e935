import { linear, type Tensor, type Weights } from '@draft/core';

/** The shape of a linear map. */
export interface DenseOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Whether the checkpoint stores a 1×1 convolution. @default false */
  readonly convolution?: boolean;
  /** @default true */
  readonly bias?: boolean;
}

/** A linear map over the last axis that no LoRA adapts. */
export function createDense(
  weights: Weights,
  name: string,
  { inFeatures, outFeatures, convolution = false, bias: withBias = true }: DenseOptions,
): <T extends Tensor>(x: T) => T {
  const layout = convolution ? 'pointwise' : 'linear';
  const weight = weights.get(`${name}.weight`, [outFeatures, inFeatures], layout);
  const bias = withBias ? weights.get(`${name}.bias`, [outFeatures], 'vector') : undefined;
  return (x) => linear(x, { weight, bias });
}
