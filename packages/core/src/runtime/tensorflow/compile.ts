import type { CompiledFunction, TensorRecord } from '../../contracts/runtime.js';
import { DraftError } from '../../errors/draft-error.js';
import { setBranches } from '../branches.js';
import { callEagerly } from '../call-eagerly.js';
import { setOrdering } from '../ordering.js';
import { beginPhase, recordingPhase } from '../profile/phases.js';
import { setSections } from '../sections.js';
import { type Tensor, tf } from '../tf.js';
import type { TensorFlowBackend } from './backend.js';
import type { Binding } from './binding.js';
import { encodeGraph, type GraphNode } from './graph-def.js';
import type { Precision } from './precision.js';
import { withOneDnn } from './product-kernels.js';
import { createTrace, type Symbol as GraphSymbol, type RecordedGraph } from './trace.js';

/** One recorded graph: the function that TensorFlow holds, and what to call it with. */
interface Recording {
  readonly name: string;
  readonly captured: readonly object[];
  readonly outputs: readonly string[];
}

/** By what recorded functions are computed. */
export interface Arithmetic {
  readonly binding: Binding;
  readonly precision: Precision;
  /** Whether products are oneDNN's. */
  readonly oneDnn: boolean;
}

let serial = 0;

/** What distinguishes the calls that need a graph of their own. */
export const signature = (backend: TensorFlowBackend, inputs: TensorRecord): string =>
  Object.entries(inputs)
    .map(([name, tensor]) => `${name}:${tensor.dtype}${backend.storedType(tensor)}[${tensor.shape}]`)
    .join(';');

/** Whether a body that cannot be a graph may run op by op. */
export const canFallBack = (error: unknown): boolean =>
  DraftError.is(error) &&
  (error.code === 'DRAFT_TRACE_READ' || error.code === 'DRAFT_TRACE_UNSUPPORTED') &&
  process.env.DRAFT_STRICT_GRAPHS !== '1';

/** A body that was recorded. */
export interface RecordedBody {
  readonly graph: RecordedGraph;
  readonly captured: readonly object[];
  /** Names of the results. */
  readonly outputs: readonly string[];
  readonly results: readonly GraphSymbol[];
}

/** Records `body` with stand-ins for its inputs. */
export const recordBody = <Input extends TensorRecord>(
  backend: TensorFlowBackend,
  binding: Binding,
  precision: Precision,
  body: (inputs: Input) => TensorRecord,
  inputs: Input,
): RecordedBody => {
  const trace = createTrace(binding, precision);
  let outputs: string[] = [];
  let results: ReturnType<typeof backend.symbolOf>[] = [];
  const before = setOrdering((x, dependency) => {
    const wait = tf.customGrad((value) => {
      const later = trace.after(
        backend.symbolOf(trace, value as Tensor),
        backend.symbolOf(trace, dependency),
      );
      return { value: backend.wrap(later), gradFunc: (dy: Tensor) => dy };
    });
    return wait(x) as typeof x;
  });
  const unmarked = setSections((x, section) => {
    const enter = tf.customGrad((value) => {
      const earlier = trace.enter(section);
      return {
        value: backend.wrap(backend.symbolOf(trace, value as Tensor)),
        gradFunc: (dy: Tensor) => {
          trace.enter(earlier === '' ? '' : `${earlier} gradient`);
          return dy;
        },
      };
    });
    return enter(x) as typeof x;
  });
  const unbranched = setBranches(backend.branches);
  try {
    const captured = backend.record(trace, () =>
      tf.tidy(() => {
        const stand = Object.fromEntries(
          Object.entries(inputs).map(([key, tensor]) => {
            const symbol = trace.argument(backend.storedType(tensor), tensor.shape);
            return [key, backend.wrap(symbol)];
          }),
        );
        const produced = body(stand as unknown as Input);
        outputs = Object.keys(produced);
        results = outputs.map((key) => backend.symbolOf(trace, produced[key] as Tensor));
        // Results that were kept from an inner tidy would outlive this one. What was there before stays.
        tf.dispose(Object.values(produced).filter((tensor) => backend.belongsTo(trace, tensor)));
      }),
    );
    return { graph: trace.finish(results), captured, outputs, results };
  } finally {
    setOrdering(before);
    setSections(unmarked);
    setBranches(unbranched);
  }
};

/** What goes into a function and comes out of it, by the names of nodes. */
interface FunctionEnds {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Which of the results of each node that is given out. */
  readonly indices: readonly number[];
}

/** Gives nodes to TensorFlow as a function. @returns Its name. */
export const addGraph = (
  { binding, oneDnn }: Arithmetic,
  name: string,
  nodes: readonly GraphNode[],
  { inputs, outputs, indices }: FunctionEnds,
): string => {
  serial += 1;
  const unique = `draft_${name.replace(/\W+/g, '_')}_${serial}`;
  binding.addFunction(unique, encodeGraph(oneDnn ? nodes.map(withOneDnn) : nodes), inputs, outputs, indices);
  return unique;
};

/** Gives a recorded graph to TensorFlow as a function. */
const register = (
  arithmetic: Arithmetic,
  name: string,
  { graph, captured, outputs }: RecordedBody,
): Recording => {
  const ends = { inputs: graph.inputs, outputs: graph.outputs, indices: graph.outputs.map(() => 0) };
  return { name: addGraph(arithmetic, name, graph.nodes, ends), captured, outputs };
};

/** Arguments in the order of their names, so that one recording serves whatever order they come in. */
export const ordered = <Input extends TensorRecord>(inputs: Input): Input =>
  Object.fromEntries(Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1))) as Input;

/** A function that becomes one TensorFlow function per combination of argument shapes. */
export const compileForTensorFlow = <Input extends TensorRecord, Output extends TensorRecord>(
  backend: TensorFlowBackend,
  arithmetic: Arithmetic,
  name: string,
  body: (inputs: Input) => Output,
): CompiledFunction<Input, Output> => {
  const { binding, precision } = arithmetic;
  const recordings = new Map<string, Recording | 'eager'>();

  const remember = (key: string, inputs: Input): Recording | 'eager' => {
    let recording: Recording | 'eager';
    const end = beginPhase(recordingPhase, name);
    try {
      recording = register(arithmetic, name, recordBody(backend, binding, precision, body, inputs));
    } catch (error) {
      if (!canFallBack(error)) throw error;
      recording = 'eager';
    } finally {
      end();
    }
    recordings.set(key, recording);
    return recording;
  };

  const run = async (unordered: Input): Promise<Output> => {
    const inputs = ordered(unordered);
    if (backend.recording) throw new Error('a compiled function was called while another is being recorded');
    const key = signature(backend, inputs);
    const recording = recordings.get(key) ?? remember(key, inputs);
    if (recording === 'eager') return callEagerly(body, inputs);
    const operands = [...Object.values(inputs), ...recording.captured.map((dataId) => ({ dataId }))];
    const ids = operands.map((operand) => backend.handle(operand as Tensor));
    const results = await binding.executeAsync(recording.name, [], ids, recording.outputs.length);
    return Object.fromEntries(
      results.map((metadata, i) => [recording.outputs[i] as string, backend.adopt(metadata)]),
    ) as unknown as Output;
  };

  const dispose = () => {
    for (const recording of recordings.values()) {
      if (recording !== 'eager') binding.removeFunction(recording.name);
    }
    recordings.clear();
  };

  return Object.assign(run, { dispose });
};
