import { expect, it } from 'vitest';
import { upsampleNearest } from '../src/primitives/upsample-nearest.js';
import { type Tensor, type Tensor4D, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';
import { checkPrimitive } from './support/check-primitive.js';

describeOnBackends('upsampleNearest', () => {
  it('repeats each pixel in a block of 2 × 2', () => {
    const y = upsampleNearest(tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1]));
    expect(tf.reshape(y, [4, 6]).arraySync()).toEqual([
      [1, 1, 2, 2, 3, 3],
      [1, 1, 2, 2, 3, 3],
      [4, 4, 5, 5, 6, 6],
      [4, 4, 5, 5, 6, 6],
    ]);
  });

  it('has the value and the gradient of tiling', () => {
    const tiled = (x: Tensor): Tensor => {
      const [n, h, w, c] = x.shape as [number, number, number, number];
      const columns = tf.reshape(tf.concat([x, x], 3), [n, h, 2 * w * c]); // each pixel beside itself
      return tf.reshape(tf.concat([columns, columns], 2), [n, 2 * h, 2 * w, c]); // each row below itself
    };
    checkPrimitive((x) => upsampleNearest(x as Tensor4D), tiled, [[2, 3, 5, 4]]);
  });

  it('refuses what is no batch of images', () => {
    expect(() => upsampleNearest(tf.zeros([3, 3, 1]) as unknown as Tensor4D)).toThrowError(
      expect.objectContaining({ code: 'DRAFT_SHAPE' }),
    );
  });
});
