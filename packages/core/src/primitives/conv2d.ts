import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';

/** A convolution's weights. */
export interface Conv2dWeights {
  /** `[kh, kw, cin, cout]`. */
  readonly weight: Tensor;
  /** `[cout]`. */
  readonly bias?: Tensor | undefined;
}

/** Zeros around the image: `[[top, bottom], [left, right]]`. */
export type ExplicitPadding = readonly [readonly [number, number], readonly [number, number]];

/** How a convolution moves over the image. */
export interface Conv2dOptions {
  /** @default 1 */
  readonly stride?: number;
  /** @default 'same' */
  readonly pad?: 'same' | 'valid' | ExplicitPadding;
}

/** Convolution and bias. */
export function conv2d(x: Tensor4D, weights: Conv2dWeights, options: Conv2dOptions = {}): Tensor4D {
  const { stride = 1, pad = 'same' } = options;
  const padded = typeof pad === 'string' ? x : tf.pad(x, [[0, 0], [...pad[0]], [...pad[1]], [0, 0]]);
  const y = tf.conv2d(padded, weights.weight as Tensor4D, stride, pad === 'same' ? 'same' : 'valid');
  return weights.bias ? tf.add(y, weights.bias) : y;
}
