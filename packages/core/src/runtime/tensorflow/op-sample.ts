import { AttributeKind, type Binding, ElementType } from './binding.js';
import { type Arithmetic, addGraph } from './compile.js';
import { bytesOf } from './element-bytes.js';
import type { GraphNode } from './graph-def.js';
import type { OpInput, OpKind } from './op-kind.js';

/** Short ops are repeated within a call until it takes so many seconds, but not more often than that. */
const enough = { seconds: 4e-3, times: 64 };

/** As many calls as take so many seconds, but no more than that. */
const calls = { seconds: 0.1, times: 5 };

/** What counts of some calls: a branch that is disturbed holds up the others at the end of a short call, in a long function not. */
const lowerQuartile = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[(numbers.length - 1) >> 2] as number;

const floating: readonly number[] = [ElementType.float32, ElementType.bfloat16, ElementType.float16];

/** A graph of one op, `times` times one after the other, in each of some branches. */
const sampleGraph = ({ node, inputs }: OpKind, times: number, branches: number) => {
  const names = inputs.map((_, i) => `input${i}`);
  const sources = inputs.map((input, i): GraphNode => {
    const name = names[i] as string;
    const dtype = (value: number) => ({ name: 'dtype', type: AttributeKind.type, value });
    return 'constant' in input
      ? {
          ...{ name, op: 'Const', inputs: [], constant: input.constant },
          attributes: [dtype(input.constant.dtype)],
        }
      : {
          ...{ name, op: 'Placeholder', inputs: [] },
          attributes: [
            dtype(input.type),
            { name: 'shape', type: AttributeKind.shape, value: [...input.shape] },
          ],
        };
  });
  const copies = Array.from({ length: branches }, (_, branch) =>
    Array.from({ length: times }, (_, i): GraphNode => {
      const before = i === 0 ? [] : [`^copy${branch}-${i - 1}`];
      return {
        ...{ name: `copy${branch}-${i}`, op: node.op, attributes: node.attributes },
        inputs: [...names.map((name) => `${name}:0`), ...before],
      };
    }),
  ).flat();
  return {
    nodes: [...sources, ...copies],
    inputs: names.filter((_, i) => !('constant' in (inputs[i] as OpInput))),
    outputs: Array.from({ length: branches }, (_, branch) => `copy${branch}-${times - 1}`),
  };
};

/** Numbers of a size that computes as fast as others: no zeros, none that is too small. */
const createInput = (binding: Binding, { type, shape }: Exclude<OpInput, { constant: unknown }>): number => {
  const bytes = new Uint8Array(bytesOf(type, shape)).fill(floating.includes(type) ? 0x3c : 0);
  const typed =
    type === ElementType.float32
      ? new Float32Array(bytes.buffer)
      : type === ElementType.int32
        ? new Int32Array(bytes.buffer)
        : bytes;
  return binding.createTensor(shape, type, typed);
};

/**
 * Runs an op on numbers of no meaning: after the call that prepares, as often as it takes for the clock.
 * @param branches How many run side by side, as in functions whose batch is cut in branches.
 * @returns Seconds for one of them.
 */
export const measureOp = async (
  arithmetic: Arithmetic,
  kind: OpKind,
  branches: number,
  clock: () => number,
): Promise<number> => {
  const { binding } = arithmetic;
  const ids = kind.inputs.flatMap((input) => ('constant' in input ? [] : [createInput(binding, input)]));
  /** Seconds of calls after the first. */
  const secondsOfCalls = async (times: number): Promise<number[]> => {
    const { nodes, inputs, outputs } = sampleGraph(kind, times, branches);
    const name = addGraph(arithmetic, 'sample', nodes, { inputs, outputs, indices: outputs.map(() => 0) });
    const call = async (): Promise<number> => {
      const started = clock();
      const results = await binding.executeAsync(name, [], ids, outputs.length);
      const seconds = clock() - started;
      for (const { id } of results) binding.deleteTensor(id);
      return seconds;
    };
    try {
      await call();
      const found: number[] = [];
      for (let spent = 0; spent < calls.seconds && found.length < calls.times; ) {
        const seconds = await call();
        found.push(seconds);
        spent += seconds;
      }
      return found;
    } finally {
      binding.removeFunction(name);
    }
  };
  try {
    const single = await secondsOfCalls(1);
    const times = Math.min(enough.times, Math.ceil(enough.seconds / Math.min(...single)));
    return lowerQuartile(times === 1 ? single : await secondsOfCalls(times)) / (times * branches);
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
};
