import type { TensorRecord } from '../contracts/runtime.js';
import { type Scalar, tf } from '../runtime/tf.js';

/** The norm of all gradients as one vector, `√Σ ‖g‖²`; owned by the caller. */
export const gradientNorm = (gradients: TensorRecord): Scalar =>
  tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
    return (squares.length > 0 ? tf.sqrt(tf.addN(squares)) : tf.scalar(0)) as Scalar;
  });

/**
 * What to multiply gradients of this norm by so that it is at most `maximum`, as PyTorch's `clip_grad_norm_` does:
 * `min(1, maximum / (norm + 1e-6))`.
 * @param maximum 0 does not clip.
 */
export const clippingFactor = (norm: number, maximum: number): number =>
  maximum > 0 ? Math.min(1, maximum / (norm + 1e-6)) : 1;
