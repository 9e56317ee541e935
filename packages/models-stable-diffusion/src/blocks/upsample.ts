import { type Tensor4D, tf, upsampleNearest, type Weights } from '@draft/core';
import { createConvolution } from './convolution.js';

/**
 * Doubles height and width by repeating pixels, then convolves.
 *
 * The second argument is the `[height, width]` to reach, where halving an odd size rounded up on the way down:
 * the surplus row and column are cut off, which is what nearest-neighbour resizing to that size gives.
 */
export function createUpsample(
  weights: Weights,
  name: string,
  channels: number,
): (x: Tensor4D, size?: readonly [number, number]) => Tensor4D {
  const conv = createConvolution(weights, `${name}.conv`, { inChannels: channels, outChannels: channels });
  return (x, size) => {
    const large = upsampleNearest(x);
    const [n, height, width, c] = large.shape;
    if (!size || (size[0] === height && size[1] === width)) return conv(large);
    return conv(tf.slice(large, [0, 0, 0, 0], [n, size[0], size[1], c]));
  };
}
