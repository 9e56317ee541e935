import { createRequire } from 'node:module';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js';
import { DraftError } from '../../errors/draft-error.js';
import { type Tensor, tf } from '../tf.js';
import {
  AttributeKind,
  type Binding,
  ElementType,
  type OpAttribute,
  type TensorMetadata,
} from './binding.js';
import { bytesOf } from './element-bytes.js';
import { nativeOps, withTypes } from './native-ops.js';
import type { Symbol as GraphSymbol, Trace } from './trace.js';

// Node 23 removed this function, which tfjs-node still calls.
const nodeUtil = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
nodeUtil.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;

type DataId = object;

/** What the back end knows of one piece of data. */
interface Entry {
  shape: readonly number[];
  dtype: number;
  /** TensorFlow's handle; -1 before the first use and inside a recording. */
  id: number;
  values: ArrayLike<number> | null;
  refCount: number;
  /** The recording during which it was made, and what it is there. */
  trace?: Trace;
  symbol?: GraphSymbol;
  /** Bytes that a rehearsal counts for it. */
  counted?: number;
}

interface Operand {
  readonly dataId: DataId;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** The parts of tfjs-node's back end that this one replaces or reads, which its types declare private. */
interface OpenBackend {
  readonly binding: Binding;
  readonly tensorMap: {
    get(id: DataId): Entry | undefined;
    set(id: DataId, entry: Entry): void;
    has(id: DataId): boolean;
  };
  createOutputTensor(metadata: TensorMetadata): Tensor;
  getInputTensorIds(tensors: readonly Operand[]): number[];
  readSync(dataId: DataId): ArrayLike<number>;
  move(
    dataId: DataId,
    values: ArrayLike<number>,
    shape: readonly number[],
    dtype: string,
    refCount: number,
  ): void;
  disposeData(dataId: DataId, force?: boolean): boolean;
}

const Base = NodeJSKernelBackend as unknown as new (binding: Binding, name: string) => OpenBackend;

const isInt64 = (operand: unknown): operand is { valueArray: Int32Array } =>
  typeof operand === 'object' && operand !== null && 'valueArray' in operand;

const zeros = ({ shape, dtype }: Entry): ArrayLike<number> => {
  const size = shape.reduce((product, side) => product * side, 1);
  if (dtype === ElementType.bool) return new Uint8Array(size);
  return dtype === ElementType.int32 ? new Int32Array(size) : new Float32Array(size);
};

/**
 * tfjs-node's kernels over our binding. While a recording is on, ops become nodes of a graph instead of running;
 * a tensor that was there before is captured. A tensor may hold bfloat16, which TensorFlow.js sees as float32.
 */
export class TensorFlowBackend extends Base {
  private trace: Trace | undefined;
  private captured = new Map<DataId, GraphSymbol>();
  private rehearsal:
    | { readonly trace: Trace; readonly grown: (bytes: number) => void; readonly ran: () => void }
    | undefined;

  /**
   * @param branches Into how many branches recorded functions divide a batch, at most.
   * @param fastConvolutionGradient Whether a convolution's gradient in its image takes no longer than a convolution.
   * @param nativeKernels Whether ops of our own kernels can be run.
   */
  constructor(
    binding: Binding,
    readonly branches = 1,
    readonly fastConvolutionGradient = false,
    readonly nativeKernels = false,
  ) {
    super(binding, '@tensorflow/tfjs-node');
  }

  /**
   * Begins a rehearsal, or ends it: ops outside recordings run no longer, but are recorded too.
   * @param grown Called with the bytes of each tensor that is made outside recordings, and less those that are freed.
   * @param ran Called for each op outside recordings.
   */
  rehearse(
    trace: Trace | undefined,
    grown: (bytes: number) => void = () => {},
    ran: () => void = () => {},
  ): void {
    this.rehearsal = trace && { trace, grown, ran };
  }

  /** A tensor of a rehearsal, kept in a type. */
  standIn(type: number, shape: readonly number[]): Tensor {
    const { trace } = this.rehearsal as { readonly trace: Trace };
    const tensor = this.wrap(trace.argument(type, shape));
    this.entry(tensor).dtype = type;
    this.count(this.entry(tensor));
    return tensor;
  }

  /** Makes a tensor from numbers in any type, bfloat16 included. */
  adopt(metadata: TensorMetadata): Tensor {
    if (metadata.dtype !== ElementType.bfloat16) return this.createOutputTensor(metadata);
    const tensor = this.createOutputTensor({ ...metadata, dtype: ElementType.float32 });
    this.entry(tensor).dtype = ElementType.bfloat16;
    return tensor;
  }

  /** TensorFlow's handle of a tensor. */
  handle(operand: Operand): number {
    this.entry(operand);
    return this.getInputTensorIds([operand])[0] as number;
  }

  /** TensorFlow's number of the type that a tensor is really kept in. */
  storedType(operand: Operand): number {
    return this.entry(operand).dtype;
  }

  /** Records what `body` does; returns the captured tensors in the order of the graph's last inputs. */
  record(trace: Trace, body: () => void): readonly DataId[] {
    if (this.trace) throw new Error('a recording is already on');
    this.trace = trace;
    this.captured = new Map();
    try {
      body();
      return [...this.captured.keys()];
    } finally {
      this.trace = undefined;
    }
  }

  /** Whether a recording is on. */
  get recording(): Trace | undefined {
    return this.trace;
  }

  /** Whether a tensor was made during a recording. */
  belongsTo(trace: Trace, operand: Operand): boolean {
    return this.entry(operand).trace === trace;
  }

  /** Wraps a value of the graph as a tensor. */
  wrap(symbol: GraphSymbol): Tensor {
    const dtype = symbol.type === ElementType.bfloat16 ? ElementType.float32 : symbol.type;
    const tensor = this.createOutputTensor({ id: -1, shape: [...symbol.shape], dtype });
    Object.assign(this.entry(tensor), { trace: symbol.trace, symbol });
    return tensor;
  }

  /** What a tensor is in the graph that is being recorded. */
  symbolOf(trace: Trace, operand: Operand): GraphSymbol {
    if (isInt64(operand)) {
      return trace.constant(ElementType.int64, [], [Number(new BigInt64Array(operand.valueArray.buffer)[0])]);
    }
    const entry = this.entry(operand);
    if (entry.trace === trace) {
      entry.symbol ??= trace.constant(entry.dtype, entry.shape, entry.values as ArrayLike<number>);
      return entry.symbol;
    }
    let symbol = this.captured.get(operand.dataId);
    if (!symbol) {
      symbol = trace.argument(entry.dtype, entry.shape);
      this.captured.set(operand.dataId, symbol);
    }
    return symbol;
  }

  executeSingleOutput(name: string, attributes: readonly OpAttribute[], inputs: readonly Operand[]): Tensor {
    return this.executeMultipleOutputs(name, attributes, inputs, 1)[0] as Tensor;
  }

  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly Operand[],
    outputs: number,
  ): Tensor[] {
    const trace = this.trace ?? this.rehearsal?.trace;
    if (trace) {
      if (!this.trace) this.rehearsal?.ran();
      const symbols = inputs.map((input) => this.symbolOf(trace, input));
      return trace.add(name, attributes, symbols, outputs).map((symbol) => {
        const tensor = this.wrap(symbol);
        if (!this.trace) this.count(this.entry(tensor));
        return tensor;
      });
    }
    const borrowed: number[] = [];
    try {
      const ids = this.getInputTensorIds(inputs).map((id, i) => {
        const operand = inputs[i] as Operand;
        if (isInt64(operand)) borrowed.push(id);
        else if (this.entry(operand).dtype === ElementType.bfloat16) return this.widen(id, borrowed);
        return id;
      });
      const native = nativeOps.get(name);
      return this.binding
        .executeOp(
          name,
          native ? withTypes(native, attributes, ElementType.float32, []) : attributes,
          ids,
          outputs,
        )
        .map((metadata) => this.createOutputTensor(metadata));
    } finally {
      for (const id of borrowed) this.binding.deleteTensor(id);
    }
  }

  override move(
    dataId: DataId,
    values: ArrayLike<number>,
    shape: readonly number[],
    dtype: string,
    refs: number,
  ) {
    super.move(dataId, values, shape, dtype, refs);
    const trace = this.trace ?? this.rehearsal?.trace;
    if (!trace) return;
    const entry = this.tensorMap.get(dataId) as Entry;
    Object.assign(entry, { trace });
    if (!this.trace) this.count(entry);
  }

  override disposeData(dataId: DataId, force?: boolean): boolean {
    const counted = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId)?.counted : undefined;
    const gone = super.disposeData(dataId, force);
    if (gone && counted) this.rehearsal?.grown(-counted);
    return gone;
  }

  override readSync(dataId: DataId): ArrayLike<number> {
    const entry = this.tensorMap.get(dataId);
    if (entry?.symbol && entry.values === null) {
      if (entry.trace === this.rehearsal?.trace) return zeros(entry);
      throw new DraftError(
        'DRAFT_TRACE_READ',
        'A function that is being recorded as a graph read the numbers of a tensor; compute with tensors instead.',
      );
    }
    if (entry?.dtype !== ElementType.bfloat16 || entry.values) return super.readSync(dataId);
    const borrowed: number[] = [];
    const wide = this.widen(entry.id, borrowed);
    const values = this.binding.tensorDataSync(wide) as Float32Array;
    for (const id of borrowed) this.binding.deleteTensor(id);
    return values;
  }

  private count(entry: Entry): void {
    entry.counted = bytesOf(entry.dtype, entry.shape);
    this.rehearsal?.grown(entry.counted);
  }

  private entry(operand: { readonly dataId: DataId }): Entry {
    try {
      // Brings numbers over from another back end, which fails for data that nobody has.
      const entry = this.tensorMap.get(operand.dataId);
      if (entry) return entry;
    } catch (cause) {
      if (tf.engine().state.tensorInfo.has(operand.dataId)) throw cause;
    }
    throw new DraftError(
      'DRAFT_TENSOR_DISPOSED',
      'A tensor that a function uses was disposed before the call.',
    );
  }

  /** A float32 copy of a bfloat16 tensor, put on the list of what to delete. */
  private widen(id: number, borrowed: number[]): number {
    const attributes = [
      { name: 'SrcT', type: AttributeKind.type, value: ElementType.bfloat16 },
      { name: 'DstT', type: AttributeKind.type, value: ElementType.float32 },
    ];
    const [copy] = this.binding.executeOp('Cast', attributes, [id], 1) as [TensorMetadata];
    borrowed.push(copy.id);
    return copy.id;
  }
}
