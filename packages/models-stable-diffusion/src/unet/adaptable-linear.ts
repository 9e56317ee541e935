import { type Adapters, linear, type Tensor } from '@draft/core';
import type { UnetBuilder } from './unet-builder.js';

/** The shape of a linear map that a LoRA can adapt. */
export interface AdaptableLinearOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** @default true */
  readonly bias?: boolean;
  /** Whether the checkpoint stores a 1×1 convolution. @default false */
  readonly convolution?: boolean;
}

/** A linear map over the last axis, with the low-rank updates that the adapters hold under its name. */
export function createAdaptableLinear(
  { weights, layers }: UnetBuilder,
  name: string,
  { inFeatures, outFeatures, bias = true, convolution = false }: AdaptableLinearOptions,
): <T extends Tensor>(x: T, adapters: Adapters | undefined) => T {
  const layout = convolution ? 'pointwise' : 'linear';
  const parameters = {
    weight: weights.get(`${name}.weight`, [outFeatures, inFeatures], layout),
    bias: bias ? weights.get(`${name}.bias`, [outFeatures], 'vector') : undefined,
  };
  layers.push({ name, inFeatures, outFeatures, convolution });
  return (x, adapters) => linear(x, parameters, adapters?.get(name));
}
