import { jacobiSvd, type Svd } from './jacobi-svd.js';
import { downWidth, type LoraModule } from './lora-module.js';

/** An orthonormal basis of some vectors, and their coordinates in it, vector by vector. */
interface Basis {
  readonly vectors: readonly Float64Array[];
  readonly coordinates: readonly Float64Array[];
}

/** A vector shorter than this against what it was is what rounding left of one that depended on the others. */
const dependent = 1e-13;

/** Gram–Schmidt, each vector made orthogonal twice, which is as exact as reflections are. */
const orthonormalBasis = (columns: readonly Float64Array[]): Basis => {
  const vectors: Float64Array[] = [];
  const sparse: number[][] = [];
  for (const column of columns) {
    const rest = Float64Array.from(column);
    const own: number[] = new Array<number>(vectors.length).fill(0);
    for (const _ of [1, 2]) {
      for (const [k, vector] of vectors.entries()) {
        let product = 0;
        for (let i = 0; i < rest.length; i += 1) product += vector[i]! * rest[i]!;
        for (let i = 0; i < rest.length; i += 1) rest[i]! -= product * vector[i]!;
        own[k]! += product;
      }
    }
    const [length, before] = [rest, column].map((x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0)));
    if (length! > dependent * before! && vectors.length < rest.length) {
      vectors.push(rest.map((value) => value / length!));
      own.push(length!);
    }
    sparse.push(own);
  }
  const coordinates = sparse.map((own) => {
    const full = new Float64Array(vectors.length);
    full.set(own);
    return full;
  });
  return { vectors, coordinates };
};

/** `Σ weights[k] · vectors[k]`. */
const combine = (vectors: readonly Float64Array[], weights: Float64Array, length: number): Float64Array => {
  const sum = new Float64Array(length);
  vectors.forEach((vector, k) => {
    const weight = weights[k]!;
    for (let i = 0; i < length; i += 1) sum[i]! += weight * vector[i]!;
  });
  return sum;
};

/**
 * The singular value decomposition of a module's update `scale · B A`, through that of the small matrix between
 * orthonormal bases of both factors: the update itself is never formed.
 */
export const lowRankSvd = (module: LoraModule): Svd => {
  const { rank, outFeatures, up, down, scale } = module;
  const width = downWidth(module);
  const ups = Array.from({ length: rank }, (_, k) =>
    Float64Array.from({ length: outFeatures }, (_, i) => scale * up[i * rank + k]!),
  );
  const downs = Array.from({ length: rank }, (_, k) =>
    Float64Array.from(down.subarray(k * width, (k + 1) * width)),
  );
  const [basisUp, basisDown] = [orthonormalBasis(ups), orthonormalBasis(downs)];
  // core = R_B R_Aᵀ, column by column; one-sided rotations want no more columns than rows.
  const [rows, columns] = [basisUp.vectors.length, basisDown.vectors.length];
  const core = (tall: Basis, wide: Basis, height: number, count: number): Float64Array[] =>
    Array.from({ length: count }, (_, j) => {
      const column = new Float64Array(height);
      for (let k = 0; k < rank; k += 1) {
        const weight = wide.coordinates[k]![j]!;
        const coordinates = tall.coordinates[k]!;
        for (let i = 0; i < height; i += 1) column[i]! += weight * coordinates[i]!;
      }
      return column;
    });
  const turned = columns > rows;
  const small = turned
    ? jacobiSvd(core(basisDown, basisUp, columns, rows))
    : jacobiSvd(core(basisUp, basisDown, rows, columns));
  const [left, right] = turned ? [small.right, small.left] : [small.left, small.right];
  return {
    singular: small.singular,
    left: left.map((weights) => combine(basisUp.vectors, weights, outFeatures)),
    right: right.map((weights) => combine(basisDown.vectors, weights, width)),
  };
};
