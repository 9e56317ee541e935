import { type Tensor4D, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { hasNativeKernels, runNative } from './native.js';
import { requireShape } from './require-shape.js';

/**
 * Doubles height and width by repeating each pixel in a block of 2 × 2.
 * @param x `[n, h, w, c]`.
 * @returns `[n, 2 h, 2 w, c]`.
 * @throws DraftError `DRAFT_SHAPE` where `x` is no batch of images.
 */
export function upsampleNearest(x: Tensor4D): Tensor4D {
  requireShape(x.rank === 4, () => `Only images [n, h, w, c] can be enlarged, not [${x.shape}].`);
  const [, height, width] = x.shape;
  const native = hasNativeKernels();
  return customGradient(
    { x },
    () =>
      native
        ? (runNative('DraftUpsample', [x], {})[0] as Tensor4D)
        : tf.image.resizeNearestNeighbor(x, [2 * height, 2 * width]),
    // The gradient of a pixel is the sum over its block.
    (dy) => ({
      x: () =>
        native
          ? (runNative('DraftUpsampleGradient', [dy], {})[0] as Tensor4D)
          : tf.mul(tf.avgPool(dy, 2, 2, 'valid'), 4),
    }),
  );
}
