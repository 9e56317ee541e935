/** A counter-based source of random numbers: the same key gives the same numbers, in any order of asking. */
export interface RandomSource {
  /** Uniform in `[0, 1)`. */
  uniform(): number;
  /** Uniform integer in `from..to`, both ends included. */
  integer(from: number, to: number): number;
  /** `count` independent standard normal numbers. */
  normal(count: number): Float32Array;
  /** An independent source for a part of the work, named by strings and integers. */
  child(...key: readonly (string | number)[]): RandomSource;
}
