import { type Tensor4D, tf } from '@draft/core';

const padAxis = (images: Tensor4D, axis: 1 | 2, multiple: number): Tensor4D => {
  let padded = images;
  for (;;) {
    const size = padded.shape[axis];
    const missing = Math.min(size, (multiple - (size % multiple)) % multiple);
    if (missing === 0) return padded;
    const begin = [0, 0, 0, 0];
    const extent = [...padded.shape];
    begin[axis] = size - missing;
    extent[axis] = missing;
    padded = tf.concat([padded, tf.reverse(tf.slice(padded, begin, extent), axis)], axis) as Tensor4D;
  }
};

/**
 * Pads images at the bottom and on the right until both sides are divisible by `multiple`, by reflection that
 * repeats the edge; as often as a small image needs it.
 * @param images `[n, height, width, channels]`.
 */
export const mirrorPadding = (images: Tensor4D, multiple: number): Tensor4D =>
  padAxis(padAxis(images, 1, multiple), 2, multiple);
