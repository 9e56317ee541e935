import type { Runtime } from './runtime.js';

/** What functions do, counted. */
export interface Work {
  /** Multiplications and additions of matrix products. */
  readonly products: number;
  /** Multiplications and additions of convolutions and their gradients. */
  readonly convolutions: number;
  /** Bytes that ops read and write. */
  readonly bytes: number;
  /** Ops of functions, however small. */
  readonly ops: number;
  /** Of these, ops of our own kernels, which take longer to start. */
  readonly kernels: number;
  /** Ops that run one by one, outside functions. */
  readonly singleOps: number;
}

/** One recorded function, as a rehearsal saw it. */
export interface RehearsedFunction {
  readonly name: string;
  readonly calls: number;
  /** Of all calls. */
  readonly work: Work;
  /** Most bytes of what a call makes that exist at once; arguments and weights are not among them. */
  readonly bytes: number;
}

/** What has been done in a rehearsal since it was last asked. */
export interface RehearsedWork {
  readonly work: Work;
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
