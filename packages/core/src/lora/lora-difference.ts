import { downWidth, type LoraModule } from './lora-module.js';

const norm = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** A fixed sign for each place: the top bit of a multiplicative hash. */
const sign = (index: number, probe: number): number => {
  const mixed = Math.imul(index ^ Math.imul(probe + 1, 0x9e3779b9), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) < 0 ? -1 : 1;
};

/** Adds `scale · B (A v)` to `into`, and to `bound` the size that the sums' terms have. */
const addProduct = (
  module: LoraModule,
  sign: number,
  v: Float64Array,
  into: Float64Array,
  bound: Float64Array,
): void => {
  const { rank, outFeatures, down, up, scale } = module;
  const width = downWidth(module);
  for (let k = 0; k < rank; k += 1) {
    let product = 0;
    let squares = 0;
    for (let j = 0; j < width; j += 1) {
      const value = down[k * width + j]!;
      product += value * v[j]!;
      squares += value * value;
    }
    const size = Math.abs(scale) * Math.sqrt(squares);
    for (let i = 0; i < outFeatures; i += 1) {
      const weight = up[i * rank + k]!;
      into[i]! += sign * scale * weight * product;
      bound[i]! += Math.abs(weight) * size;
    }
  }
};

/**
 * How far apart the updates of two modules of one layer are, `‖Δ₁ − Δ₂‖ / ‖Δ‖` in the Frobenius norm, estimated
 * from two fixed vectors of random signs (for which `E‖D v‖² = ‖D‖²`); what it is relative to are the sizes of the
 * terms, so that updates that cancel out do not count as different. Infinite where the shapes differ.
 */
export const loraDifference = (one: LoraModule, other: LoraModule): number => {
  const width = downWidth(one);
  if (one.outFeatures !== other.outFeatures || width !== downWidth(other)) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const probe of [0, 1]) {
    const v = Float64Array.from({ length: width }, (_, index) => sign(index, probe));
    const difference = new Float64Array(one.outFeatures);
    const bound = new Float64Array(one.outFeatures);
    addProduct(one, 1, v, difference, bound);
    addProduct(other, -1, v, difference, bound);
    const size = norm(bound) / 2;
    const apart = norm(difference);
    // Written so that a NaN counts as a difference.
    if (!(apart <= worst * size)) worst = size > 0 ? apart / size : Number.POSITIVE_INFINITY;
  }
  return worst;
};
