/** A type, shape and number of a tensor that TensorFlow holds. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
}

/** An attribute of an op, in the form that tfjs-node's kernels give it. */
export interface OpAttribute {
  readonly name: string;
  /** One of `AttributeKind`. */
  readonly type: number;
  readonly value: unknown;
}

/** What a run of a session gives. */
export interface SessionRun {
  readonly results: TensorMetadata[];
  /** A `RunMetadata` message. */
  readonly metadata: Uint8Array;
  /** Microseconds since 1970. */
  readonly started: number;
  readonly ended: number;
}

/** The functions of native/. */
export interface Binding {
  /** `kernels` is the library of our own ones, or empty; `hands` is how many processors share one of their ops. */
  open(
    framework: string,
    runtime: string,
    config: Uint8Array,
    kernels: string,
    hands: number,
  ): { version: string; devices: string[] };
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView): number;
  /**
   * Makes a tensor of type `dtype` from numbers that are stored as another.
   * @param convolution The numbers of `[height, width, in, out]` are stored as `[out, in, height, width]`.
   * @param bytes Aligned to their type.
   */
  createWeight(
    shape: readonly number[],
    dtype: number,
    stored: number,
    convolution: boolean,
    bytes: Uint8Array,
  ): number;
  /** The same from an open file, off the main thread; fails with a code of the operating system, or `EOF`. */
  loadWeight(
    shape: readonly number[],
    dtype: number,
    stored: number,
    convolution: boolean,
    descriptor: number,
    position: number,
  ): Promise<number>;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array | Uint16Array | BigInt64Array;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[];
  executeAsync(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): Promise<TensorMetadata[]>;
  addFunction(
    name: string,
    graph: Uint8Array,
    inputs: readonly string[],
    outputs: readonly string[],
    indices: readonly number[],
  ): void;
  removeFunction(name: string): void;
  /** A function of the eager context as a `FunctionDef` message. */
  functionDefinition(name: string): Uint8Array;
  /** Makes a session for a graph; `config` is a `ConfigProto` message. */
  openSession(
    graph: Uint8Array,
    config: Uint8Array,
    inputs: readonly string[],
    outputs: readonly string[],
    indices: readonly number[],
  ): number;
  /** Runs a session; `options` is a `RunOptions` message. */
  runSession(session: number, options: Uint8Array, inputs: readonly number[]): Promise<SessionRun>;
  closeSession(session: number): void;
  /** Microseconds since 1970, by the clock of the statistics. */
  now(): number;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/** TensorFlow's numbers of the element types that occur here. */
export const ElementType = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  float16: 19,
} as const;

/** TensorFlow's numbers of the kinds of attributes. */
export const AttributeKind = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
