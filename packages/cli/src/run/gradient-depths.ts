import { cosine, norm, type Vector } from './vector-norm.js';

/** Gradients of DRaFT-K for `K = 1..depth`, from one walk over the chain. */
export type Depths = readonly Vector[];

/** Sums what each step adds: `g_K = Σ_{t ≤ K} Δ_t`. @param added `Δ_1, Δ_2, …` */
export const sumOverSteps = (added: readonly Vector[]): Depths => {
  const depths: Vector[] = [];
  for (const vector of added) {
    const before = depths.at(-1);
    depths.push(
      before === undefined
        ? vector
        : vector.map((part, i) => part.map((value, j) => value + (before[i]?.[j] ?? 0))),
    );
  }
  return depths;
};

/** `Σ_r weight_r · g_r` for every K. */
export const combineDepths = (
  terms: readonly { readonly weight: number; readonly depths: Depths }[],
): Depths =>
  (terms[0]?.depths ?? []).map((vector, k) =>
    vector.map((part, i) =>
      part.map((_, j) =>
        terms.reduce((sum, { weight, depths }) => sum + weight * (depths[k]?.[i]?.[j] ?? 0), 0),
      ),
    ),
  );

/** The angle between two gradients in degrees, `0..180`; null where one of them is zero. */
export const angle = (a: Vector, b: Vector): number | null => {
  const value = cosine(a, b);
  return value === null ? null : (Math.acos(value) * 180) / Math.PI;
};

/** `‖g_K‖` for every K. */
export const normsOf = (depths: Depths): readonly number[] => depths.map(norm);

/** The angle between DRaFT-1 and DRaFT-K for every K, degrees. */
export const anglesOf = (depths: Depths): readonly (number | null)[] =>
  depths.map((vector) => angle(depths[0] ?? [], vector));
