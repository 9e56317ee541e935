import { conv2d, type Tensor, type Tensor4D, tf, type Weights } from '@draft/core';
import type { LpipsArchitecture, LpipsLayer } from './lpips-architecture.js';
import { maxPool } from './max-pool.js';

/** Normalisation of pictures in `[−1, 1]`, as LPIPS was trained. */
const shift = [-0.03, -0.088, -0.188];
const scale = [0.458, 0.448, 0.45];

/** Features of pictures at the layers that LPIPS compares; `[n, height, width, 3]` in `[0, 1]` goes in. */
export type LpipsFeatures = (images: Tensor4D) => readonly Tensor4D[];

/** How torchvision calls a layer. */
export const nameOf = ({ index }: LpipsLayer): string => `features.${index}`;

/**
 * Builds the network on weights in torchvision's naming.
 * @param widths Channels that each layer gives.
 */
export const createLpipsFeatures = (
  { layers }: LpipsArchitecture,
  widths: readonly number[],
  weights: Weights,
): LpipsFeatures => {
  const steps = layers.map((layer, i) => {
    const { kernel, stride, border, pool } = layer;
    const [input, output] = [i === 0 ? 3 : (widths[i - 1] ?? 1), widths[i] ?? 1];
    const weight = weights.get(`${nameOf(layer)}.weight`, [kernel, kernel, input, output], 'convolution');
    const bias = weights.get(`${nameOf(layer)}.bias`, [output], 'vector');
    const sides = [border, border] as const;
    return (x: Tensor4D): Tensor4D => {
      const pooled = pool ? maxPool(x, pool) : x;
      return tf.relu(conv2d(pooled, { weight, bias }, { stride, pad: [sides, sides] }));
    };
  });
  return (images) => {
    const centred = tf.sub(tf.mul(images, 2), 1);
    let x = tf.div(tf.sub(centred, tf.tensor1d(shift)), tf.tensor1d(scale)) as Tensor4D;
    const compared: Tensor4D[] = [];
    for (const [i, step] of steps.entries()) {
      x = step(x);
      if (layers[i]?.compared) compared.push(x);
    }
    return compared;
  };
};

/** Added to norms; squares are taken to be at least its square, since a root has no slope at 0. */
const epsilon = 1e-10;

/** Each pixel's features as a vector of length 1, or of zeros where it has none. */
export const unitChannels = (features: Tensor4D): Tensor =>
  tf.div(features, tf.add(tf.sqrt(tf.maximum(tf.sum(tf.square(features), 3, true), epsilon ** 2)), epsilon));
