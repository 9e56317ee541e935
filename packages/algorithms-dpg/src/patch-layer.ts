import { type AdaptableLayer, type Adapter, type Tensor, type Tensor4D, tf } from '@draft/core';

/** What the layer is called among a critic's adapters. */
export const patchLayerName = 'patches';

const sides = [8, 4, 2, 1] as const;

/** Side of a patch: the largest of 8, 4, 2 and 1 that divides both sides of the picture. */
const patchSide = (height: number, width: number): number =>
  sides.find((side) => height % side === 0 && width % side === 0) ?? 1;

/**
 * The layer that a critic adapts where its reward has none: the identity over patches of the picture.
 * @param height Of the pictures, in pixels.
 */
export const patchLayer = (height: number, width: number): AdaptableLayer => {
  const features = 3 * patchSide(height, width) ** 2;
  return { name: patchLayerName, inFeatures: features, outFeatures: features, convolution: false };
};

/**
 * Runs that layer, `y = x + scale · B A x` for each patch `x`. Plain tensor code.
 * @param images `[n, height, width, 3]`.
 */
export const adaptPatches = (images: Tensor4D, { down, up, scale }: Adapter): Tensor4D => {
  const [n, height, width] = images.shape;
  const side = patchSide(height, width);
  const [rows, columns] = [(n * height) / side, width / side];
  const split = tf.transpose(tf.reshape(images, [rows, side, columns, 3 * side]), [0, 2, 1, 3]);
  const patches = tf.reshape(split, [rows * columns, 3 * side ** 2]);
  const low = tf.matMul(patches, down as typeof patches, false, true); // [patches, rank]
  const change = tf.mul(tf.matMul(low, up as typeof patches, false, true), scale);
  const joined: Tensor = tf.reshape(tf.add(patches, change), [rows, columns, side, 3 * side]);
  return tf.reshape(tf.transpose(joined, [0, 2, 1, 3]), images.shape);
};
