import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { geluSlope } from './gelu.js';
import { hasNativeKernels } from './native.js';
import { nativeGeglu } from './native-activation.js';
import { requireShape } from './require-shape.js';
import { normalDistribution } from './standard-normal.js';

/**
 * Gated GELU over the last axis, `value · gelu(gate)`, the value in the first half and the gate in the second;
 * keeps only `x` for the gradient. Reference: Shazeer, GLU Variants Improve Transformer, 2020.
 * @param x `[..., 2 d]`.
 * @returns `[..., d]`.
 * @throws DraftError `DRAFT_SHAPE` where the last axis is odd.
 */
export function geglu<T extends Tensor>(x: T): T {
  requireShape(
    x.rank > 0 && (x.shape[x.rank - 1] as number) % 2 === 0,
    () => `A gated GELU needs an even last axis for value and gate, not [${x.shape}].`,
  );
  if (hasNativeKernels()) return nativeGeglu(x);
  const axis = x.rank - 1;
  return customGradient(
    { x },
    (save) => {
      save([x]);
      const [value, gate] = tf.split(x as Tensor, 2, axis) as [Tensor, Tensor];
      return tf.mul(value, tf.mul(gate, normalDistribution(gate))) as T;
    },
    (dy, [saved]) => ({
      x: () => {
        const [value, gate] = tf.split(after(saved as Tensor, dy), 2, axis) as [Tensor, Tensor];
        const distribution = normalDistribution(gate);
        const dValue = tf.mul(dy, tf.mul(gate, distribution));
        const dGate = tf.mul(dy, tf.mul(value, geluSlope(gate, distribution)));
        return tf.concat([dValue, dGate], axis);
      },
    }),
  );
}
