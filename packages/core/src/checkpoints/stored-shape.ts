import type { WeightLayout } from '../contracts/weights.js';

/** The shapes in which a checkpoint may store a weight that the network needs in `shape`. */
export function storedShapes(shape: readonly number[], layout: WeightLayout): readonly (readonly number[])[] {
  if (layout === 'convolution') {
    const [height, width, inChannels, outChannels] = shape as [number, number, number, number];
    return [[outChannels, inChannels, height, width]];
  }
  // A 1×1 convolution and a linear map over pixels are the same numbers in the same order.
  return layout === 'pointwise' || layout === 'linear' ? [shape, [...shape, 1, 1]] : [shape];
}

/** Whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
