import type { Runtime } from './runtime.js';

/** What an op does, counted. */
export interface Work {
  /** Multiplications and additions of matrix products. */
  readonly products: number;
  /** Multiplications and additions of convolutions and their gradients. */
  readonly convolutions: number;
  /** Bytes that it reads and writes. */
  readonly bytes: number;
}

/** An op with operands of some shapes, wherever it occurs. */
export interface RehearsedOp {
  /** The same for ops that do the same. */
  readonly key: string;
  /** `MatMul`, … */
  readonly name: string;
  readonly work: Work;
  /**
   * Runs it on numbers of no meaning, as it runs in functions.
   * @param clock Seconds.
   * @returns Seconds that one takes.
   */
  measure(clock: () => number): Promise<number>;
}

/** One recorded function, as a rehearsal saw it. */
export interface RehearsedFunction {
  readonly name: string;
  readonly calls: number;
  /** The ops of all calls, and how many there are of each. */
  readonly ops: ReadonlyMap<RehearsedOp, number>;
  /** Most bytes of what a call makes that exist at once; arguments and weights are not among them. */
  readonly bytes: number;
}

/** What has been done in a rehearsal since it was last asked. */
export interface RehearsedWork {
  /** Ops that ran one by one, outside functions. */
  readonly singleOps: number;
  /** Most bytes of tensors that existed at once, weights included. */
  readonly peakBytes: number;
  /** Bytes of tensors that exist now. */
  readonly liveBytes: number;
  /** Nodes of all graphs that have been recorded so far. */
  readonly nodes: number;
  /** Bytes of constants in those graphs. */
  readonly constantBytes: number;
  /** The functions that were called, in the order of their first call. */
  readonly functions: readonly RehearsedFunction[];
}

/**
 * A rehearsal: tensors have shapes but no numbers, functions are recorded but not run, and what they would take is
 * counted. Whatever is read from a tensor is zero. Until it ends, all tensors that are made belong to it.
 */
export interface Rehearsal {
  /** What everything is to be made with. */
  readonly runtime: Runtime;
  /** What has been done since the start, or since the last call. */
  take(): RehearsedWork;
  /** Ends the rehearsal; tensors of it that are left are of no use any more. */
  end(): void;
}
