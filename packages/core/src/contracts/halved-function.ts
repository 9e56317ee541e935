import type { TensorRecord } from './runtime.js';

/** A call of which the second half is still to come. */
export interface BegunCall {
  /** What does not depend on the late arguments; the caller's. */
  readonly results: TensorRecord;
  /** Computes the rest, once. @returns What depends on the late arguments; the caller's. */
  finish(late: TensorRecord): Promise<TensorRecord>;
  /** Lets go of what was kept for the rest, where that is not wanted any more. */
  discard(): void;
}

/**
 * A function that is called in two halves: what does not depend on its late arguments at once, and the rest when they are known.
 * In between it keeps what the rest needs.
 */
export interface HalvedFunction {
  begin(inputs: TensorRecord): Promise<BegunCall>;
  /** Forgets the recorded graphs. */
  dispose(): void;
}
