import { type Tensor4D, tf } from '@draft/core';
import { type Direction, directionsFor, type ImageShape } from './gradient-directions.js';

/** A batch of images, how it is scored, and what its gradient is said to be. */
export interface GradientClaim {
  readonly images: Tensor4D;
  /** `∂ Σ score / ∂ images` as claimed. */
  readonly slopes: readonly number[];
  /** Whether an image's score depends on that image alone, so that each can be looked at by itself. */
  readonly perSample: boolean;
  score(images: Tensor4D): Promise<readonly number[]>;
}

/** Somewhere a gradient is not what differences say. */
export interface GradientFault {
  /** `in rows 1 to 6`, `where it is 0`. */
  readonly where: string;
  /** How far it is off for each length of a step, as a share; the least is too much. */
  readonly errors: readonly number[];
}

/** Tried in turn: a short step is drowned by rounding, a long one by curvature and kinks. */
export const differenceSteps = [1e-4, 1e-3, 1e-5, 1e-2] as const;

/** What is compared by itself: an image, or the whole batch. */
interface Subject {
  readonly index: number;
  /** `⟨g, d⟩` */
  readonly claimed: number;
  /** What counts as much: the claim, or the norm that an even gradient would have where the direction goes. */
  readonly scale: number;
}

const subjectsOf = (slopes: readonly number[], { signs }: Direction, count: number): readonly Subject[] => {
  const size = slopes.length / count;
  const mean = slopes.reduce((total, slope) => total + slope ** 2, 0) / count;
  return Array.from({ length: count }, (_, index) => {
    let [claimed, squares, entered] = [0, 0, 0];
    for (let i = index * size; i < (index + 1) * size; i += 1) {
      const [slope, sign] = [slopes[i] ?? 0, signs[i] ?? 0];
      claimed += slope * sign;
      squares += slope ** 2;
      entered += Math.abs(sign);
    }
    // An image that is said to have no gradient at all is measured by the others'.
    const even = Math.sqrt(((squares || mean) * entered) / size);
    return { index, claimed, scale: Math.max(claimed, even) };
  }).filter(({ scale }) => scale > 0);
};

const differencesAlong = async (
  { images, score }: GradientClaim,
  signs: Float32Array,
  step: number,
): Promise<readonly number[]> => {
  const moved = async (by: number): Promise<readonly number[]> => {
    const at = tf.tidy(() => tf.add(images, tf.mul(tf.tensor(signs, images.shape), by))) as Tensor4D;
    const scores = await score(at);
    at.dispose();
    return scores;
  };
  const [up, down] = [await moved(step), await moved(-step)];
  return up.map((value, i) => (value - (down[i] ?? Number.NaN)) / (2 * step));
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The subject along a direction that is off the most, however long the step; undefined where none is off too much. */
const faultAlong = async (
  claim: GradientClaim,
  direction: Direction,
  tolerance: number,
): Promise<GradientFault | undefined> => {
  const { slopes, images, perSample } = claim;
  let open = subjectsOf(slopes, direction, perSample ? images.shape[0] : 1).map((subject) => ({
    ...subject,
    errors: [] as number[],
  }));
  for (const step of differenceSteps) {
    if (open.length === 0) return undefined;
    const differences = await differencesAlong(claim, direction.signs, step);
    open = open.filter(({ index, claimed, scale, errors }) => {
      const difference = perSample ? (differences[index] ?? Number.NaN) : sum(differences);
      errors.push(Math.abs(claimed - difference) / scale);
      return !((errors.at(-1) ?? Number.NaN) <= tolerance);
    });
  }
  const [worst] = open.sort((a, b) => Math.min(...b.errors) - Math.min(...a.errors));
  return worst && { where: direction.where, errors: worst.errors };
};

/**
 * Compares a gradient with central differences along many directions, `⟨g, d⟩` with
 * `(s(x + h d) − s(x − h d)) / 2h` over steps of several lengths, of which the best counts.
 * @param tolerance As a share of what the gradient says; where it says 0, of what one as long says that is even.
 * @param places Where to look, of all places unless given.
 */
export const gradientFaults = async (
  claim: GradientClaim,
  tolerance: number,
  places?: ReadonlySet<string>,
): Promise<readonly GradientFault[]> => {
  const directions = directionsFor(claim.slopes, claim.images.shape as ImageShape, claim.perSample);
  const faults: GradientFault[] = [];
  for (const direction of directions) {
    if (places?.has(direction.where) === false) continue;
    const fault = await faultAlong(claim, direction, tolerance);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
};
