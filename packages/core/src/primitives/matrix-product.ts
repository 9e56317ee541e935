import { type Tensor, type Tensor2D, tf } from '../runtime/tf.js';
import { onTensorFlow } from './on-tensorflow.js';

/** Which operands enter transposed. */
export interface Transposition {
  readonly a?: boolean;
  readonly b?: boolean;
}

/**
 * Product of two matrices. TensorFlow multiplies transposed operands in place; the wasm back end is nine times
 * as fast when they are transposed first.
 */
export function matrixProduct(a: Tensor, b: Tensor, transpose: Transposition = {}): Tensor2D {
  const { a: transposeA = false, b: transposeB = false } = transpose;
  if (onTensorFlow()) return tf.matMul(a as Tensor2D, b as Tensor2D, transposeA, transposeB);
  const left = transposeA ? tf.transpose(a) : a;
  const right = transposeB ? tf.transpose(b) : b;
  return tf.matMul(left as Tensor2D, right as Tensor2D);
}
