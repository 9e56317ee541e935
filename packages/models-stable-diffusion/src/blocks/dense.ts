import { linear, type Tensor, type Weights } from '@draft/core';

/** The shape of a linear map. */
export interface DenseOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Whether the checkpoint stores a 1×1 convolution. @default false */
  readonly convolution?: boolean;
}

/** A linear map with bias over the last axis that no LoRA adapts. */
export function createDense(
  weights: Weights,
  name: string,
  { inFeatures, outFeatures, convolution = false }: DenseOptions,
): <T extends Tensor>(x: T) => T {
  const layout = convolution ? 'pointwise' : 'linear';
  const weight = weights.get(`${name}.weight`, [outFeatures, inFeatures], layout);
  const bias = weights.get(`${name}.bias`, [outFeatures], 'vector');
  return (x) => linear(x, { weight, bias });
}
