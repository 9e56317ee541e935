import type { Tensor, Tensor4D } from '../runtime/tf.js';
import { runNative } from './native.js';

/** A convolution, or its gradient in the image, as our own kernel computes it. */
export interface NativeConvolution {
  /** Of what is written. */
  readonly height: number;
  readonly width: number;
  /** Zeros above and beside the image. */
  readonly top: number;
  readonly left: number;
  readonly stride: number;
  readonly gradient?: boolean;
  /** Whether the result is float32 where activations are not. */
  readonly precise?: boolean;
}

/** Runs it on an image or a cotangent, a kernel `[kh, kw, cin, cout]`, and perhaps a bias. */
export function nativeConvolution(
  [x, weight, bias]: readonly [Tensor4D, Tensor, (Tensor | undefined)?],
  { gradient = false, precise = false, ...integers }: NativeConvolution,
): Tensor4D {
  const [y] = runNative('DraftConvolution', bias ? [x, weight, bias] : [x, weight], {
    integers: { ...integers, biases: bias ? 1 : 0 },
    flags: { gradient, precise },
  });
  return y as Tensor4D;
}
