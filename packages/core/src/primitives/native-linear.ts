import type { Adapter } from '../contracts/diffusion-model.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';
import type { LinearOptions, LinearWeights } from './linear.js';
import { matrixProduct } from './matrix-product.js';
import { runNative } from './native.js';

/** The summands of a product beside `x W`: a bias, and pairs of narrow factors. */
interface Summands {
  readonly bias?: Tensor | undefined;
  readonly lows?: readonly Tensor[];
  readonly ups?: readonly Tensor[];
  readonly factor?: number;
  readonly precise?: boolean;
}

/** `f · (x W + Σ low · up) + b`, where a transposed `W` is `[out, in]` and each `up` `[out, rank]`. */
function product(x: Tensor, weight: Tensor, transposed: boolean, summands: Summands = {}): Tensor {
  const { bias, lows = [], ups = [], factor = 1, precise = false } = summands;
  const [y] = runNative('DraftProduct', [x, weight, ...(bias ? [bias] : []), ...lows, ...ups], {
    integers: { biases: bias ? 1 : 0, adapters: lows.length },
    floats: { factor },
    flags: { transposed, precise },
  });
  return y as Tensor;
}

/** `aᵀ b` over all rows, one of the factors narrow. */
function outerProduct(a: Tensor, b: Tensor): Tensor {
  return runNative('DraftOuterProduct', [a, b], { floats: { factor: 1 } })[0] as Tensor;
}

/**
 * A linear map with low-rank updates by our own kernels: each of its products is one op, and what `A` makes of `x` is kept for the
 * gradient.
 * @param inputs What may be differentiated: `x`, `weight`, `bias`, `down0`, `up0` and so on.
 */
export function nativeLinear<T extends Tensor>(
  x: T,
  { weight, bias, precise = false }: LinearWeights & LinearOptions,
  adapters: readonly Adapter[],
  inputs: Readonly<Record<string, Tensor>>,
): T {
  const rows = (t: Tensor): Tensor => tf.reshape(t, [-1, t.shape[t.rank - 1] as number]);
  return customGradient(
    inputs,
    (save) => {
      const lows = adapters.map(({ down, scale }) => product(x, down, true, { factor: scale })); // [..., rank]
      save([x, weight, ...adapters.flatMap(({ down, up }, i) => [down, up, lows[i] as Tensor])]);
      return product(x, weight, true, { bias, lows, ups: adapters.map(({ up }) => up), precise }) as T;
    },
    (dy, [savedX, savedWeight, ...saved]) => {
      const low = adapters.map(({ scale }, i) => {
        const [down, up, forward] = saved.slice(3 * i, 3 * i + 3) as [Tensor, Tensor, Tensor];
        return { down, forward, backward: product(dy, up, false, { factor: scale }) }; // [..., rank]
      });
      const gradients: Record<string, () => Tensor> = {
        x: () => {
          const lows = low.map(({ backward }) => backward);
          return product(dy, savedWeight as Tensor, false, { lows, ups: low.map(({ down }) => down) });
        },
        weight: () => matrixProduct(rows(dy), rows(savedX as Tensor), { a: true }),
        bias: () => tf.sum(rows(dy), 0),
      };
      for (const [i, { forward, backward }] of low.entries()) {
        gradients[`down${i}`] = () => outerProduct(backward, savedX as Tensor);
        gradients[`up${i}`] = () => tf.transpose(outerProduct(forward, dy));
      }
      return gradients;
    },
  );
}
