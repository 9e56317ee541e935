import type { Adapter } from '../../src/contracts/diffusion-model.js';
import { attention } from '../../src/primitives/attention.js';
import { conv2d } from '../../src/primitives/conv2d.js';
import { geglu } from '../../src/primitives/geglu.js';
import { gelu } from '../../src/primitives/gelu.js';
import { groupNorm } from '../../src/primitives/group-norm.js';
import { layerNorm } from '../../src/primitives/layer-norm.js';
import { linear } from '../../src/primitives/linear.js';
import { quickGelu } from '../../src/primitives/quick-gelu.js';
import { silu } from '../../src/primitives/silu.js';
import { upsampleNearest } from '../../src/primitives/upsample-nearest.js';
import type { Tensor, Tensor3D, Tensor4D } from '../../src/runtime/tf.js';

/** A primitive, and shapes that lead through one of the ways by which its kernel computes. */
export interface NativeCase {
  readonly name: string;
  /** Of what is differentiated, then of frozen weights. */
  readonly inputs: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
  readonly f: (inputs: readonly Tensor[], weights: readonly Tensor[]) => Tensor;
}

const convolution = (
  name: string,
  image: readonly number[],
  kernel: readonly number[],
  options: Parameters<typeof conv2d>[2] = {},
): NativeCase => ({
  name: `convolution, ${name}`,
  inputs: [image],
  weights: [kernel, [kernel[3] as number]],
  f: ([x], [weight, bias]) => conv2d(x as Tensor4D, { weight: weight as Tensor, bias }, options),
});

const product = (
  name: string,
  rows: readonly number[],
  out: number,
  ranks: readonly number[] = [],
  options: Parameters<typeof linear>[3] = {},
): NativeCase => {
  const width = rows.at(-1) as number;
  return {
    name: `linear map, ${name}`,
    inputs: [
      rows,
      ...ranks.flatMap((rank) => [
        [rank, width],
        [out, rank],
      ]),
    ],
    weights: [[out, width], [out]],
    f: ([x, ...factors], [weight, bias]) => {
      const adapters: Adapter[] = ranks.map((_, i) => ({
        down: factors[2 * i] as Tensor,
        up: factors[2 * i + 1] as Tensor,
        scale: 0.5,
      }));
      return linear(x as Tensor, { weight: weight as Tensor, bias }, adapters, options);
    },
  };
};

const attending = (
  name: string,
  [n, queries, keys, width, valueWidth, heads]: readonly [number, number, number, number, number, number],
  causal = false,
): NativeCase => ({
  name: `attention, ${name}`,
  inputs: [
    [n, queries, heads * width],
    [n, keys, heads * width],
    [n, keys, heads * valueWidth],
  ],
  weights: [],
  f: ([q, k, v]) => attention(q as Tensor3D, k as Tensor3D, v as Tensor3D, { heads, causal }),
});

const norm = (name: string, shape: readonly number[], groups: number, activation?: 'silu'): NativeCase => {
  const channels = shape.at(-1) as number;
  return {
    name: `group norm, ${name}`,
    inputs: [shape],
    weights: [[channels], [channels]],
    f: ([x], [gamma, beta]) =>
      groupNorm(
        x as Tensor4D,
        { gamma: gamma as Tensor, beta: beta as Tensor },
        { groups, epsilon: 1e-5, activation },
      ),
  };
};

const elementwise = (name: string, f: (x: Tensor) => Tensor, shape: readonly number[]): NativeCase => ({
  name,
  inputs: [shape],
  weights: [],
  f: ([x]) => f(x as Tensor),
});

/** Shapes with rests of vectors, panels, tiles and blocks on all sides, and those on both sides of each choice. */
export const nativeCases: readonly NativeCase[] = [
  convolution('3 × 3 by Winograd, odd sides', [2, 13, 11, 18], [3, 3, 18, 21]),
  convolution('3 × 3 by Winograd, several chunks of tiles', [1, 50, 34, 20], [3, 3, 20, 40]),
  convolution('3 × 3 by Winograd, zeros on two sides', [1, 20, 18, 16], [3, 3, 16, 16], {
    pad: [
      [2, 0],
      [0, 1],
    ],
  }),
  convolution('3 × 3, few places', [2, 3, 3, 20], [3, 3, 20, 36]),
  convolution('3 × 3, few channels', [1, 12, 9, 3], [3, 3, 3, 17]),
  convolution('3 × 3, few results', [1, 12, 9, 17], [3, 3, 17, 3]),
  convolution('3 × 3, stride 2', [1, 9, 12, 8], [3, 3, 8, 34], { stride: 2 }),
  convolution('7 × 7, stride 2', [1, 17, 15, 3], [7, 7, 3, 8], { stride: 2 }),
  convolution('patches', [1, 12, 12, 3], [4, 4, 3, 20], { stride: 4, pad: 'valid' }),
  convolution('1 × 1, stride 2', [1, 6, 7, 10], [1, 1, 10, 5], { stride: 2 }),
  convolution('3 × 3, few results, precise ones', [1, 12, 9, 17], [3, 3, 17, 3], { precise: true }),
  convolution('3 × 3 by Winograd, precise results', [1, 20, 18, 40], [3, 3, 40, 4], { precise: true }),
  product('few rows', [3, 65], 70),
  product('odd depth', [2, 19, 33], 35),
  product('many rows, all panels at hand', [1500, 70], 75),
  product('rows that lie a page apart', [20, 1024], 40),
  product('two low-rank updates', [2, 30, 40], 50, [3, 9]),
  product('low-rank updates of many rows', [700, 48], 64, [4]),
  product('precise results', [2, 19, 33], 35, [3], { precise: true }),
  attending('several heads', [2, 37, 41, 20, 20, 3]),
  attending('more keys than a block', [1, 70, 600, 8, 24, 1]),
  attending('causal', [1, 140, 140, 16, 16, 2], true),
  attending('odd widths', [2, 9, 11, 7, 5, 1]),
  norm('odd groups', [2, 5, 6, 21], 7),
  norm('SiLU, many positions', [2, 20, 17, 12], 4, 'silu'),
  {
    name: 'layer norm',
    inputs: [[3, 7, 37]],
    weights: [[37], [37]],
    f: ([x], [gamma, beta]) =>
      layerNorm(x as Tensor, { gamma: gamma as Tensor, beta: beta as Tensor }, { epsilon: 1e-5 }),
  },
  elementwise('enlarging', (x) => upsampleNearest(x as Tensor4D), [2, 3, 4, 19]),
  elementwise('SiLU', silu, [5, 13]),
  elementwise('GELU', gelu, [5, 13]),
  elementwise('quick GELU', quickGelu, [5, 13]),
  elementwise('gated GELU', geglu, [5, 42]),
];
