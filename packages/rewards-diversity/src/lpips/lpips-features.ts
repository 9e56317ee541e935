import { conv2d, type Tensor, type Tensor4D, tf, type Weights } from '@draft/core';
import type { LpipsArchitecture, LpipsLayer } from './lpips-architecture.js';
import { maxPool } from './max-pool.js';
import { relu } from './relu.js';

/** Normalisation of pictures in `[−1, 1]`, as LPIPS was trained. */
const shift = [-0.03, -0.088, -0.188];
const scale = [0.458, 0.448, 0.45];

/**
 * A network in parts, at whose ends LPIPS compares features: the first reads `[n, height, width, 3]` in `[0, 1]`, each other one the
 * features before it.
 */
export type LpipsFeatures = readonly ((x: Tensor4D) => Tensor4D)[];

/** Normalises pictures in `[0, 1]`. */
const normalized = (images: Tensor4D): Tensor4D => {
  const centred = tf.sub(tf.mul(images, 2), 1);
  return tf.div(tf.sub(centred, tf.tensor1d(shift)), tf.tensor1d(scale));
};

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
      return relu(conv2d(pooled, { weight, bias }, { stride, pad: [sides, sides] }));
    };
  });
  const ends = layers.flatMap(({ compared }, i) => (compared ? [i + 1] : []));
  return ends.map((end, part) => {
    const own = steps.slice(part === 0 ? 0 : ends[part - 1], end);
    return (x) => own.reduce((value, step) => step(value), part === 0 ? normalized(x) : x);
  });
};

/** Added to norms; squares are taken to be at least its square, since a root has no slope at 0. */
const epsilon = 1e-10;

/**
 * Sums over the last axis, which stays, as a product: the gradient of TensorFlow.js's sum takes ones for every number of `x`, which
 * large pictures' features have too many of to be kept in a recorded graph.
 */
const sumOfChannels = (x: Tensor4D): Tensor => {
  const [n, height, width, channels] = x.shape;
  const sums = tf.matMul(tf.reshape(x, [-1, channels]), tf.ones([channels, 1]));
  return tf.reshape(sums, [n, height, width, 1]);
};

/** Each pixel's features as a vector of length 1, or of zeros where it has none. */
export const unitChannels = (features: Tensor4D): Tensor => {
  const squares = sumOfChannels(tf.square(features));
  return tf.div(features, tf.add(tf.sqrt(tf.maximum(squares, epsilon ** 2)), epsilon));
};
