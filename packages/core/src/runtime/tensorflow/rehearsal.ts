import type { HalvedFunction } from '../../contracts/halved-function.js';
import type { Rehearsal, RehearsedFunction, RehearsedOp } from '../../contracts/rehearsal.js';
import type { CompiledFunction, Runtime, TensorRecord } from '../../contracts/runtime.js';
import { callEagerly } from '../call-eagerly.js';
import { tf } from '../tf.js';
import type { TensorFlowBackend } from './backend.js';
import { ElementType } from './binding.js';
import { type Arithmetic, canFallBack, ordered, recordBody, signature } from './compile.js';
import { recordHalves } from './compile-in-halves.js';
import { type GraphCost, graphCost } from './graph-cost.js';
import { workOf } from './graph-work.js';
import type { OpKind } from './op-kind.js';
import { measureOp } from './op-sample.js';
import { fullPrecision } from './precision.js';
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
  arithmetic: Arithmetic,
  real: Omit<Runtime, 'weight' | 'compile' | 'rehearse'>,
): Rehearsal => {
  const { binding, precision } = arithmetic;
  let live = 0;
  let peak = 0;
  let nodes = 0;
  let constantBytes = 0;
  let singleOps = 0;
  let functions = new Map<string, RehearsedFunction>();
  // Types of what runs outside functions are those of single ops.
  backend.rehearse(
    createTrace(binding, fullPrecision),
    (bytes) => {
      live += bytes;
      peak = Math.max(peak, live);
    },
    () => {
      singleOps += 1;
    },
  );

  const opsByKey = new Map<string, RehearsedOp>();
  const opOf = (kind: OpKind): RehearsedOp => {
    const { key, node, inputs } = kind;
    const operands = inputs.map((input) =>
      'constant' in input ? { type: input.constant.dtype, shape: input.constant.shape } : input,
    );
    const op = opsByKey.get(key) ?? {
      key,
      name: node.op,
      work: workOf(node, operands),
      measure: (clock) => measureOp(arithmetic, kind, backend.branches, clock),
    };
    opsByKey.set(key, op);
    return op;
  };

  const noted = (name: string, cost: GraphCost) => {
    const before = functions.get(name);
    const ops = new Map(before?.ops);
    for (const { kind, count } of cost.ops.values()) {
      const op = opOf(kind);
      ops.set(op, (ops.get(op) ?? 0) + count);
    }
    functions.set(name, {
      ...{ name, ops },
      calls: (before?.calls ?? 0) + 1,
      bytes: Math.max(cost.bytes, before?.bytes ?? 0),
    });
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
      noted(name, rehearsed.cost);
      return Object.fromEntries(
        rehearsed.outputs.map((output) => [output.name, backend.standIn(output.type, output.shape)]),
      ) as unknown as Output;
    };
    return Object.assign(run, { dispose: () => known.clear() });
  };

  const compileInHalves = (
    name: string,
    body: (inputs: TensorRecord) => TensorRecord,
    late: Readonly<Record<string, string>>,
  ): HalvedFunction => {
    const known = new Map<string, ReturnType<typeof costHalves>>();
    const costHalves = (inputs: TensorRecord) => {
      const { recorded, split, first, second } = recordHalves(
        backend,
        { binding, precision },
        body,
        inputs,
        late,
      );
      const handedNodes = split.handed.map(({ from }) => from.split(':')[0] as string);
      const costs = [
        graphCost({ nodes: split.first.nodes, outputs: [...split.first.outputs, ...handedNodes] }),
        graphCost(split.second),
      ] as const;
      for (const cost of costs) {
        nodes += cost.nodes;
        constantBytes += cost.constantBytes;
      }
      const shapes = new Map(recorded.outputs.map((output, i) => [output, recorded.results[i]?.shape ?? []]));
      const described = (outputs: readonly string[]) =>
        outputs.map((output) => ({ name: output, shape: shapes.get(output) ?? [] }));
      return {
        costs,
        handed: split.handed,
        first: described(first.outputs),
        second: described(second.outputs),
      };
    };
    const standIns = (outputs: readonly { readonly name: string; readonly shape: readonly number[] }[]) =>
      Object.fromEntries(
        outputs.map((output) => [output.name, backend.standIn(ElementType.float32, output.shape)]),
      );
    return {
      async begin(unordered) {
        const inputs = ordered(unordered);
        const key = signature(backend, inputs);
        const halves = known.get(key) ?? costHalves(inputs);
        known.set(key, halves);
        const [begun, finished] = halves.costs;
        noted(`${name}-begun`, begun);
        const handed = halves.handed.map(({ type, shape }) => backend.standIn(type, shape));
        return {
          results: standIns(halves.first),
          async finish() {
            noted(`${name}-finished`, finished);
            tf.dispose(handed);
            return standIns(halves.second);
          },
          discard: () => tf.dispose(handed),
        };
      },
      dispose: () => known.clear(),
    };
  };

  const { backend: name, device, version, computeType, graphs, memory } = real;
  return {
    runtime: {
      ...{ backend: name, device, version, computeType, graphs, memory, compile, compileInHalves },
      rehearsal: true,
      weight: (_bytes, _storedAs, shape) => backend.standIn(ElementType[precision.weights], shape),
    },
    take() {
      const taken = { singleOps, peakBytes: peak, liveBytes: live, nodes, constantBytes };
      const result = { ...taken, functions: [...functions.values()] };
      singleOps = 0;
      peak = live;
      functions = new Map();
      return result;
    },
    end: () => backend.rehearse(undefined),
  };
};
