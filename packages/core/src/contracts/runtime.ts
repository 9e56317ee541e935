import type { ActivityRecorder } from '../runtime/profile/profile.js';
import type { Tensor } from '../runtime/tf.js';
import type { HalvedFunction } from './halved-function.js';
import type { Rehearsal } from './rehearsal.js';
import type { WeightLayout } from './weights.js';

/** The back ends, best first. */
export type BackendName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** How frozen weights are kept, and what their products are computed in. Trained parameters are always float32. */
export type ComputeType = 'float32' | 'bfloat16';

/** How a checkpoint stores numbers, in the terms of safetensors. */
export type StoredType = 'F32' | 'F16' | 'BF16';

/** Named tensors: the arguments and results of a compiled function. */
export type TensorRecord = Readonly<Record<string, Tensor>>;

/**
 * A function that is recorded once for each combination of argument shapes and then replayed as one graph, or
 * simply called where the back end has no graphs. The caller owns the results; arguments stay the caller's.
 */
export interface CompiledFunction<Input extends TensorRecord, Output extends TensorRecord> {
  (inputs: Input): Promise<Output>;
  /** Forgets the recorded graphs. */
  dispose(): void;
}

/** What is alive, to show and to test for leaks. */
export interface MemoryReport {
  /** Tensors that TensorFlow.js holds. */
  readonly tensors: number;
  /** Tensors that the back end holds, constants of graphs not counted. */
  readonly backendTensors: number;
  /** Resident memory of the process, bytes. */
  readonly residentBytes: number;
}

/** Where the bytes of a stored tensor lie in one piece, row-major. */
export interface StoredPlace {
  /** An open file. */
  readonly descriptor: number;
  /** Bytes from the start of the file. */
  readonly position: number;
}

/** The tensor runtime: where weights live and how functions run. */
export interface Runtime {
  readonly backend: BackendName;
  /** `CPU`, or the name of the GPU. */
  readonly device: string;
  /** Version of what computes, for example `TensorFlow 2.21.0`. */
  readonly version: string;
  readonly computeType: ComputeType;
  /** Whether `compile` records graphs. */
  readonly graphs: boolean;
  /**
   * Makes a frozen weight from little-endian bytes, converted to the compute type at once.
   * @param bytes The numbers as stored, row-major.
   * @param shape As the network needs it.
   * @param layout What the weight is; of a `convolution` the numbers are stored as `[out, in, height, width]` and put in the order
   * of its shape, `[height, width, in, out]`. @default as stored
   * @returns A tensor that TensorFlow.js sees as float32, whatever holds its numbers; owned by the caller.
   */
  weight(bytes: Uint8Array, storedAs: StoredType, shape: readonly number[], layout?: WeightLayout): Tensor;
  /**
   * The same from an open file, read and converted off the main thread; absent where a back end cannot.
   * @throws An error with the operating system's code, or `EOF` where the file ends too early.
   */
  loadWeight?(
    place: StoredPlace,
    storedAs: StoredType,
    shape: readonly number[],
    layout?: WeightLayout,
  ): Promise<Tensor>;
  /**
   * Compiles plain tensor code. The function must depend on its arguments and on tensors that outlive it, never
   * on values read back from tensors; a function that does read them runs eagerly instead.
   * @param name For profiles and error messages.
   */
  compile<Input extends TensorRecord, Output extends TensorRecord>(
    name: string,
    body: (inputs: Input) => Output,
  ): CompiledFunction<Input, Output>;
  /**
   * Compiles plain tensor code that is called in two halves; absent where the back end records no graphs.
   * @param late Arguments that are known only for the second half, each with the name of an argument whose shape it has.
   */
  compileInHalves?(
    name: string,
    body: (inputs: TensorRecord) => TensorRecord,
    late: Readonly<Record<string, string>>,
  ): HalvedFunction;
  memory(): MemoryReport;
  /** Records which ops run and when, until it is stopped; absent where the back end does not tell. */
  record?(): ActivityRecorder;
  /** Starts a rehearsal, in which nothing is computed; absent where the back end records no graphs. */
  rehearse?(): Rehearsal;
  /** True in a rehearsal: weights need no numbers, so that none have to be read. */
  readonly rehearsal?: true;
}
