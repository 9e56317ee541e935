import type { Rehearsal, RehearsedFunction, Work } from '../../contracts/rehearsal.js';
import type { CompiledFunction, Runtime, TensorRecord } from '../../contracts/runtime.js';
import { callEagerly } from '../call-eagerly.js';
import type { TensorFlowBackend } from './backend.js';
import { type Binding, ElementType } from './binding.js';
import { canFallBack, ordered, recordBody, signature } from './compile.js';
import { type GraphCost, graphCost } from './graph-cost.js';
import { addWork, noWork } from './graph-work.js';
import { fullPrecision, type Precision } from './precision.js';
import { createTrace } from './trace.js';

/** A function that was recorded for one combination of shapes. */
interface Rehearsed {
  readonly cost: GraphCost;
  readonly outputs: readonly {
    readonly name: string;
    readonly type: number;
    readonly shape: readonly number[];
  }[];
}

/** Starts a rehearsal on a back end, to whose runtime `real` belongs. */
export const startRehearsal = (
  backend: TensorFlowBackend,
  binding: Binding,
  precision: Precision,
  real: Omit<Runtime, 'weight' | 'compile' | 'rehearse'>,
): Rehearsal => {
  let live = 0;
  let peak = 0;
  let nodes = 0;
  let constantBytes = 0;
  let work: Work = noWork;
  let functions = new Map<string, RehearsedFunction>();
  // Types of what runs outside functions are those of single ops.
  backend.rehearse(
    createTrace(binding, fullPrecision),
    (bytes) => {
      live += bytes;
      peak = Math.max(peak, live);
    },
    () => {
      work = { ...work, singleOps: work.singleOps + 1 };
    },
  );

  const noted = (name: string, { cost }: Rehearsed) => {
    const before = functions.get(name);
    functions.set(name, {
      name,
      calls: (before?.calls ?? 0) + 1,
      work: addWork(before?.work ?? noWork, cost.work),
      bytes: Math.max(cost.bytes, before?.bytes ?? 0),
    });
    work = addWork(work, cost.work);
    peak = Math.max(peak, live + cost.bytes);
  };

  const compile = <Input extends TensorRecord, Output extends TensorRecord>(
    name: string,
    body: (inputs: Input) => Output,
  ): CompiledFunction<Input, Output> => {
    const known = new Map<string, Rehearsed | 'eager'>();
    const rehearse = (inputs: Input): Rehearsed | 'eager' => {
      try {
        const { graph, outputs, results } = recordBody(backend, binding, precision, body, inputs);
        const cost = graphCost(graph);
        nodes += cost.nodes;
        constantBytes += cost.constantBytes;
        const described = outputs.map((output, i) => {
          const { shape = [], type = 0 } = results[i] ?? {};
          return { name: output, type: type === ElementType.bfloat16 ? ElementType.float32 : type, shape };
        });
        return { cost, outputs: described };
      } catch (error) {
        if (!canFallBack(error)) throw error;
        return 'eager';
      }
    };
    const run = async (unordered: Input): Promise<Output> => {
      const inputs = ordered(unordered);
      const key = signature(backend, inputs);
      const rehearsed = known.get(key) ?? rehearse(inputs);
      known.set(key, rehearsed);
      if (rehearsed === 'eager') return callEagerly(body, inputs);
      noted(name, rehearsed);
      return Object.fromEntries(
        rehearsed.outputs.map((output) => [output.name, backend.standIn(output.type, output.shape)]),
      ) as unknown as Output;
    };
    return Object.assign(run, { dispose: () => known.clear() });
  };

  const { backend: name, device, version, computeType, graphs, memory } = real;
  return {
    runtime: {
      ...{ backend: name, device, version, computeType, graphs, memory, compile },
      rehearsal: true,
      weight: (_bytes, _storedAs, shape) => backend.standIn(ElementType[precision.weights], shape),
    },
    take() {
      const taken = { work, peakBytes: peak, liveBytes: live, nodes, constantBytes };
      const result = { ...taken, functions: [...functions.values()] };
      work = noWork;
      peak = live;
      functions = new Map();
      return result;
    },
    end: () => backend.rehearse(undefined),
  };
};
