import { factorRecord } from '../chain/objective.js';
import type { SavedNumbers } from '../contracts/estimator.js';
import type { Tensor } from '../runtime/tf.js';

/** The gradient norm of each reward, averaged over iterations, by which weights are divided. */
export interface RunningNorms {
  /** Whether anything has been measured. */
  readonly known: boolean;
  /** What each reward's weight is multiplied by, `1 / norm`, for the objective; owned by the caller. */
  factors(): Record<string, Tensor>;
  /** Takes the norms of one iteration. */
  update(norms: readonly number[]): void;
  state(): SavedNumbers;
  restore(state: SavedNumbers): void;
}

/** Share of the past in the average: it remembers about ten iterations. */
const memory = 0.9;

/** A norm that is no more than this has no direction worth enlarging. */
const smallestNorm = 1e-12;

/** Keeps exponential averages of gradient norms; the first measurement is taken as it is. */
export const createRunningNorms = (names: readonly string[]): RunningNorms => {
  // Rounded to float32 throughout, so that a saved average goes on to the bit.
  let averages: Float32Array | undefined;
  return {
    get known() {
      return averages !== undefined;
    },
    factors: () =>
      factorRecord(
        names.map((name, i): [string, number] => {
          const norm = averages?.[i] ?? 1;
          return [name, norm > smallestNorm ? 1 / norm : 1];
        }),
      ),
    update(norms) {
      const before = averages;
      averages = Float32Array.from(norms, (norm, i) =>
        before === undefined ? norm : memory * (before[i] ?? norm) + (1 - memory) * norm,
      );
    },
    state: (): SavedNumbers =>
      averages === undefined ? {} : { norms: { shape: [averages.length], data: averages } },
    restore({ norms }) {
      averages = norms && Float32Array.from(norms.data);
    },
  };
};
