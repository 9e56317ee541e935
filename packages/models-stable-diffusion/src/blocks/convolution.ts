import { conv2d, type ExplicitPadding, type Tensor4D, type Weights } from '@draft/core';

/** The shape of a square convolution. */
export interface ConvolutionOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Side of the window, odd. @default 3 */
  readonly kernel?: number;
  /** @default 1 */
  readonly stride?: number;
  /** @default 'same' */
  readonly pad?: 'same' | ExplicitPadding;
  /** Whether it gives what a network does, which is float32 even where activations are bfloat16. @default false */
  readonly last?: boolean;
}

/** A convolution with bias, `[n, h, w, in] -> [n, h', w', out]`. */
export function createConvolution(
  weights: Weights,
  name: string,
  options: ConvolutionOptions,
): (x: Tensor4D) => Tensor4D {
  const { inChannels, outChannels, kernel = 3, stride = 1, pad = 'same', last = false } = options;
  const weight = weights.get(`${name}.weight`, [kernel, kernel, inChannels, outChannels], 'convolution');
  const bias = weights.get(`${name}.bias`, [outChannels], 'vector');
  return (x) => conv2d(x, { weight, bias }, { stride, pad, precise: last });
}
