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
}

/** A convolution with bias, `[n, h, w, in] -> [n, h', w', out]`. */
export function createConvolution(
  weights: Weights,
  name: string,
  options: ConvolutionOptions,
): (x: Tensor4D) => Tensor4D {
  const { inChannels, outChannels, kernel = 3, stride = 1, pad = 'same' } = options;
  const weight = weights.get(`${name}.weight`, [kernel, kernel, inChannels, outChannels], 'convolution');
  const bias = weights.get(`${name}.bias`, [outChannels], 'vector');
  return (x) => conv2d(x, { weight, bias }, { stride, pad });
}
