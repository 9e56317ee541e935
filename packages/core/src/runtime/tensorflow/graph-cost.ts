import { bytesOf } from './element-bytes.js';
import type { GraphNode } from './graph-def.js';
import { aliases, computes, type Operand } from './graph-work.js';
import { type OpKind, opKindOf } from './op-kind.js';
import type { RecordedGraph } from './trace.js';

/** What a call of a recorded graph takes. */
export interface GraphCost {
  /** The ops that compute, by their keys, and how many there are of each. */
  readonly ops: ReadonlyMap<string, { readonly kind: OpKind; readonly count: number }>;
  /** Most bytes of what it makes that exist at once; its inputs are not among them, its results are. */
  readonly bytes: number;
  /** Bytes of its constants, which stay. */
  readonly constantBytes: number;
  readonly nodes: number;
}

/** Ops that write their result over an input which nothing else needs. */
const inPlace = new Set([
  ...['Add', 'AddV2', 'AddN', 'Sub', 'Mul', 'Multiply', 'RealDiv', 'Div', 'Neg', 'Maximum', 'Minimum'],
  ...['Square', 'Sqrt', 'Rsqrt', 'Exp', 'Sigmoid', 'Tanh', 'Relu', 'Erf', 'Log', 'Pow', 'SquaredDifference'],
  ...['Softmax', 'BiasAdd', 'Abs', 'Sign'],
]);

/** A piece of memory and how many inputs of nodes still read it. */
interface Buffer {
  readonly bytes: number;
  readers: number;
}

const source = (input: string): string => input.replace(/^\^|:\d+$/g, '');

/**
 * Goes through a graph in the order in which TensorFlow's executor takes nodes, first ready first, and counts what
 * exists: a result from when its node runs until the last node that reads it has run.
 */
export const graphCost = ({ nodes, outputs }: Pick<RecordedGraph, 'nodes' | 'outputs'>): GraphCost => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const waits = new Map<string, number>();
  const followers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    waits.set(node.name, node.inputs.length);
    for (const input of node.inputs) {
      const from = source(input);
      const known = followers.get(from);
      if (known) known.push(node);
      else followers.set(from, [node]);
    }
  }

  const buffers = new Map<string, Buffer>();
  let live = 0;
  let bytes = 0;
  const ops = new Map<string, { readonly kind: OpKind; readonly count: number }>();
  let constantBytes = 0;
  const grow = (more: number) => {
    live += more;
    bytes = Math.max(bytes, live);
  };
  const dataInputs = ({ inputs }: GraphNode) => inputs.filter((input) => !input.startsWith('^'));
  const reads = new Map<string, number>();
  for (const node of nodes) {
    for (const input of dataInputs(node)) reads.set(input, (reads.get(input) ?? 0) + 1);
  }
  const kept = new Set(outputs);

  const operand = (input: string): Operand => {
    const [name = '', output] = input.split(':');
    return byName.get(name)?.results?.[Number(output)] ?? { type: 0, shape: [] };
  };

  const run = (node: GraphNode) => {
    const inputs = dataInputs(node);
    if (computes(node)) {
      const kind = opKindOf(
        node,
        inputs.map((input) => ({ from: byName.get(source(input)), operand: operand(input) })),
      );
      ops.set(kind.key, { kind, count: (ops.get(kind.key)?.count ?? 0) + 1 });
    }
    const held = inputs.map((input) => buffers.get(input));
    if (node.constant) constantBytes += node.constant.content.length;
    const own = node.op !== 'Const' && node.op !== 'Placeholder';
    const results = node.results ?? [];
    let reused: Buffer | undefined;
    results.forEach((result, i) => {
      const reference = `${node.name}:${i}`;
      const readers = (reads.get(reference) ?? 0) + (kept.has(node.name) ? 1 : 0);
      const [first] = held;
      if (aliases.has(node.op) && first) {
        first.readers += readers;
        buffers.set(reference, first);
        return;
      }
      const size = own ? bytesOf(result.type, result.shape) : 0;
      if (inPlace.has(node.op)) {
        reused = held.find((buffer) => buffer?.bytes === size && buffer.readers === 1 && size > 0);
        if (reused) {
          reused.readers += readers;
          buffers.set(reference, reused);
          return;
        }
      }
      const buffer = { bytes: size, readers };
      buffers.set(reference, buffer);
      grow(size);
      if (readers === 0) live -= size;
    });
    for (const buffer of held) {
      if (!buffer) continue;
      buffer.readers -= 1;
      if (buffer.readers === 0) live -= buffer.bytes;
    }
  };

  const ready = nodes.filter(({ inputs }) => inputs.length === 0);
  for (let next = 0; next < ready.length; next++) {
    const node = ready[next] as GraphNode;
    run(node);
    for (const follower of followers.get(node.name) ?? []) {
      const left = (waits.get(follower.name) ?? 0) - 1;
      waits.set(follower.name, left);
      if (left === 0) ready.push(follower);
    }
  }
  return { ops, bytes, constantBytes, nodes: nodes.length };
};
