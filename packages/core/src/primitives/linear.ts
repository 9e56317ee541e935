import type { Adapter } from '../contracts/diffusion-model.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import { matrixProduct } from './matrix-product.js';
import { hasNativeKernels } from './native.js';
import { nativeLinear } from './native-linear.js';
import { requireShape } from './require-shape.js';

/** A linear map's weights. */
export interface LinearWeights {
  /** `[out, in]`. */
  readonly weight: Tensor;
  /** `[out]`. */
  readonly bias?: Tensor | undefined;
}

/** How exact a linear map's result is. */
export interface LinearOptions {
  /**
   * Whether the result is float32 where activations are kept in bfloat16: for the last layer of a network, and for what is added to
   * a state layer after layer. @default false
   */
  readonly precise?: boolean;
}

/**
 * Linear map over the last axis with low-rank updates, `y = W x + b + Σ sᵢ Bᵢ Aᵢ x`, differentiable in `x`, `W`,
 * `b` and every `A` and `B`. Reference: Hu et al., LoRA, 2021, equation 3.
 * @param x `[..., in]`.
 * @param adapters The updates, `A` as `down` and `B` as `up`; none is the plain map.
 * @returns `[..., out]`.
 * @throws DraftError `DRAFT_SHAPE` where shapes do not fit.
 */
export function linear<T extends Tensor>(
  x: T,
  weights: LinearWeights,
  adapters: readonly Adapter[] = [],
  options: LinearOptions = {},
): T {
  const { weight, bias } = weights;
  requireLinear(x, weights, adapters);
  const [width, outWidth] = [weight.shape[1] as number, weight.shape[0] as number];
  const outShape = [...x.shape.slice(0, -1), outWidth];
  const inputs: Record<string, Tensor> = { x, weight, ...(bias ? { bias } : {}) };
  for (const [i, { down, up }] of adapters.entries())
    Object.assign(inputs, { [`down${i}`]: down, [`up${i}`]: up });

  if (hasNativeKernels()) return nativeLinear(x, { ...weights, ...options }, adapters, inputs);
  return customGradient(
    inputs,
    (save) => {
      save([x, weight, ...adapters.flatMap(({ down, up }) => [down, up])]);
      const rows = tf.reshape(x, [-1, width]); // [rows, in]
      let y: Tensor = matrixProduct(rows, weight, { b: true }); // [rows, out]
      if (bias) y = tf.add(y, bias);
      for (const { down, up, scale } of adapters) {
        y = tf.add(y, matrixProduct(scaledLow(rows, down, scale), up, { b: true }));
      }
      return tf.reshape(y, outShape) as T;
    },
    (dy, [savedX, savedWeight, ...savedAdapters]) => {
      const rows = tf.reshape(savedX as Tensor, [-1, width]); // [rows, in]
      const dyRows = tf.reshape(dy, [-1, outWidth]); // [rows, out]
      const lows = adapters.map(({ scale }, i) => {
        const [down, up] = savedAdapters.slice(2 * i, 2 * i + 2) as [Tensor, Tensor];
        return { down, scale, gradient: tf.tidy(() => tf.mul(matrixProduct(dyRows, up), scale)) }; // [rows, rank]
      });
      const gradients: Record<string, () => Tensor> = {
        x: () => {
          let dx: Tensor = matrixProduct(dyRows, savedWeight as Tensor); // [rows, in]
          for (const { down, gradient } of lows) dx = tf.add(dx, matrixProduct(gradient, down));
          return tf.reshape(dx, x.shape);
        },
        weight: () => matrixProduct(dyRows, rows, { a: true }),
        bias: () => tf.sum(dyRows, 0),
      };
      for (const [i, { down, scale, gradient }] of lows.entries()) {
        gradients[`down${i}`] = () => matrixProduct(gradient, rows, { a: true });
        gradients[`up${i}`] = () => matrixProduct(dyRows, scaledLow(rows, down, scale), { a: true });
      }
      return gradients;
    },
  );
}

/** `s A x`, row by row; the narrow tensor is the cheap one to scale. */
function scaledLow(rows: Tensor, down: Tensor, scale: number): Tensor {
  return tf.mul(matrixProduct(rows, down, { b: true }), scale); // [rows, rank]
}

function requireLinear(x: Tensor, { weight, bias }: LinearWeights, adapters: readonly Adapter[]): void {
  const [outWidth, width] = weight.shape;
  requireShape(
    weight.rank === 2 && x.rank > 0 && x.shape[x.rank - 1] === width,
    () =>
      `A linear map of [out, in] = [${weight.shape}] does not fit an input [${x.shape}]: its last axis must be in.`,
  );
  requireShape(
    !bias || (bias.rank === 1 && bias.shape[0] === outWidth),
    () => `A linear map with ${outWidth} outputs got a bias [${bias?.shape}]: it must be [${outWidth}].`,
  );
  for (const { down, up } of adapters) {
    requireShape(
      down.rank === 2 &&
        up.rank === 2 &&
        down.shape[1] === width &&
        up.shape[0] === outWidth &&
        down.shape[0] === up.shape[1],
      () =>
        `An adapter of a linear map [${weight.shape}] must be [rank, ${width}] and [${outWidth}, rank], not [${down.shape}] and [${up.shape}].`,
    );
  }
}
