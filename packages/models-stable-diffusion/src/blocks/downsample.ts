import type { Tensor4D, Weights } from '@draft/core';
import { createConvolution } from './convolution.js';

/**
 * Halves height and width by a convolution of stride 2.
 * @param padding 1 pads all four sides; 0 pads only the bottom and the right side.
 */
export function createDownsample(
  weights: Weights,
  name: string,
  channels: number,
  padding: 0 | 1,
): (x: Tensor4D) => Tensor4D {
  const side = [padding, 1] as const;
  return createConvolution(weights, `${name}.conv`, {
    inChannels: channels,
    outChannels: channels,
    stride: 2,
    pad: [side, side],
  });
}
