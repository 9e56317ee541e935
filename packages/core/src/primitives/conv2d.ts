import { DraftError } from '../errors/draft-error.js';
import { after } from '../runtime/ordering.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';
import { convolutionInputGradient } from './convolution-input-gradient.js';
import { customGradient } from './custom-gradient.js';
import { hasNativeKernels } from './native.js';
import { nativeConvolution } from './native-convolution.js';
import { requireShape } from './require-shape.js';

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
  /** Pixels between neighbouring results. @default 1 */
  readonly stride?: number;
  /** TensorFlow's 'same' and 'valid', or zeros by side. @default 'same' */
  readonly pad?: 'same' | 'valid' | ExplicitPadding;
  /** Whether the result is float32 where activations are kept in bfloat16: for the last layer of a network. @default false */
  readonly precise?: boolean;
}

type Shape4D = [number, number, number, number];

/**
 * Cross-correlation with a bias, `y[i, j] = b + Σ W[p, q] · x[s i + p − top, s j + q − left]`, differentiable in
 * the image, the weight and the bias.
 * @param x `[n, h, w, cin]`.
 * @returns `[n, h', w', cout]`.
 * @throws DraftError `DRAFT_SHAPE` where shapes do not fit; `DRAFT_BACKEND_UNSUPPORTED` where the gradient of the
 * weight is wanted of a back end that has no kernel for it.
 */
export function conv2d(x: Tensor4D, weights: Conv2dWeights, options: Conv2dOptions = {}): Tensor4D {
  const { stride = 1, pad = 'same', precise = false } = options;
  const { bias } = weights;
  const weight = weights.weight as Tensor4D;
  requireConvolution(x, weight, bias, stride);
  const sides = padding(x.shape, weight.shape, stride, pad);
  const named = kernelPadding(x.shape, weight.shape, stride, sides);
  const border: [number, number][] | undefined = named ? undefined : [[0, 0], ...sides, [0, 0]];
  const bordered = (image: Tensor4D): Tensor4D => (border ? tf.pad(image, border) : image);

  return customGradient(
    { x, weight, ...(bias ? { bias } : {}) },
    (save) => {
      save([x, weight]);
      if (!hasNativeKernels()) return convolve(bordered(x), weight, bias, stride, named ?? 'valid');
      const [height, width] = resultSides(x.shape, weight.shape, stride, sides);
      const [[top], [left]] = sides;
      return nativeConvolution([x, weight, bias], { height, width, top, left, stride, precise });
    },
    (dy, [savedX, savedWeight]) => ({
      x: () =>
        convolutionInputGradient(dy, savedWeight as Tensor4D, { shape: x.shape, stride, sides, named }),
      weight: () =>
        weightGradient(dy, bordered(after(savedX as Tensor4D, dy)), weight.shape, stride, named ?? 'valid'),
      bias: () => tf.sum(dy, [0, 1, 2]),
    }),
  );
}

function requireConvolution(x: Tensor, weight: Tensor, bias: Tensor | undefined, stride: number): void {
  requireShape(
    x.rank === 4 && weight.rank === 4 && x.shape[3] === weight.shape[2],
    () =>
      `A convolution of [kh, kw, cin, cout] = [${weight.shape}] does not fit an image [${x.shape}]: the image must be [n, h, w, cin].`,
  );
  requireShape(
    !bias || (bias.rank === 1 && bias.shape[0] === weight.shape[3]),
    () =>
      `A convolution with ${weight.shape[3]} output channels got a bias [${bias?.shape}]: it must be [${weight.shape[3]}].`,
  );
  requireShape(
    Number.isInteger(stride) && stride > 0,
    () => `A convolution's stride must be a positive integer, not ${stride}.`,
  );
}

/** The zeros on each side, whatever way they were asked for. */
function padding(
  [, height, width]: Shape4D,
  [kernelHeight, kernelWidth]: Shape4D,
  stride: number,
  pad: NonNullable<Conv2dOptions['pad']>,
): [[number, number], [number, number]] {
  if (pad === 'valid')
    return [
      [0, 0],
      [0, 0],
    ];
  if (pad === 'same') return [sameSides(height, kernelHeight, stride), sameSides(width, kernelWidth, stride)];
  requireShape(
    pad.flat().every((side) => Number.isInteger(side) && side >= 0),
    () => `A convolution's padding must be non-negative integers, not ${JSON.stringify(pad)}.`,
  );
  return [[...pad[0]], [...pad[1]]];
}

function resultSides(
  [, height, width]: Shape4D,
  [kernelHeight, kernelWidth]: Shape4D,
  stride: number,
  [[top, bottom], [left, right]]: [[number, number], [number, number]],
): [number, number] {
  const places = (size: number, kernel: number): number => Math.floor((size - kernel) / stride) + 1;
  return [places(height + top + bottom, kernelHeight), places(width + left + right, kernelWidth)];
}

/** TensorFlow's 'same': `⌈size / stride⌉` results, the odd zero at the end. */
function sameSides(size: number, kernel: number, stride: number): [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** The padding's name in TensorFlow if it has one, since kernels for gradients take nothing else. */
function kernelPadding(
  x: Shape4D,
  weight: Shape4D,
  stride: number,
  sides: readonly [readonly [number, number], readonly [number, number]],
): 'same' | 'valid' | undefined {
  const equals = (other: readonly (readonly number[])[]) => other.flat().join() === sides.flat().join();
  if (
    equals([
      [0, 0],
      [0, 0],
    ])
  )
    return 'valid';
  if (equals(padding(x, weight, stride, 'same'))) return 'same';
  return undefined;
}

function convolve(
  x: Tensor4D,
  filter: Tensor4D,
  bias: Tensor | undefined,
  strides: number,
  pad: 'same' | 'valid',
): Tensor4D {
  return bias ? tf.fused.conv2d({ x, filter, strides, pad, bias }) : tf.conv2d(x, filter, strides, pad);
}

function weightGradient(
  dy: Tensor4D,
  x: Tensor4D,
  filterShape: Shape4D,
  stride: number,
  pad: 'same' | 'valid',
): Tensor4D {
  const backend = tf.getBackend();
  if (!tf.getKernel('Conv2DBackpropFilter', backend)) {
    throw new DraftError(
      'DRAFT_BACKEND_UNSUPPORTED',
      `The back end '${backend}' cannot train the weight of a convolution: use the TensorFlow back end.`,
    );
  }
  const attributes = { strides: [stride, stride], pad, dataFormat: 'NHWC', filterShape };
  return tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes);
}
