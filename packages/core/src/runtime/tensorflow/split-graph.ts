import { AttributeKind } from './binding.js';
import type { GraphNode } from './graph-def.js';
import type { RecordedGraph } from './trace.js';

/** A value that the first half hands to the second. */
export interface HandedValue {
  /** `name:output` in the first half. */
  readonly from: string;
  /** Name of its placeholder in the second. */
  readonly to: string;
  readonly shape: readonly number[];
  readonly type: number;
}

/** One half of a recorded graph; `inputs` are those of the whole that it reads, by their names. */
export interface GraphHalf {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly string[];
  /** Those of the whole that it computes. */
  readonly outputs: readonly string[];
}

/** A graph in two halves. */
export interface SplitGraph {
  readonly first: GraphHalf;
  readonly second: GraphHalf;
  readonly handed: readonly HandedValue[];
}

const source = (input: string): string => input.replace(/^\^|:\d+$/g, '');
const isOrder = (input: string): boolean => input.startsWith('^');

/**
 * Divides a graph into what does not depend on some of its inputs, and what does. What the second half needs of the first is
 * handed over; inputs and constants are in both.
 * @param late Names of the inputs that are known only later.
 */
export const splitGraph = (graph: RecordedGraph, late: ReadonlySet<string>): SplitGraph => {
  const depends = new Set(late);
  for (const { name, inputs } of graph.nodes) {
    if (inputs.some((input) => depends.has(source(input)))) depends.add(name);
  }
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const handed = new Map<string, HandedValue>();
  const repeated = new Set<string>();

  const second = graph.nodes
    .filter(({ name }) => depends.has(name))
    .map((node): GraphNode => {
      const inputs = node.inputs.flatMap((input) => {
        const from = byName.get(source(input)) as GraphNode;
        if (depends.has(from.name)) return [input];
        // It has been computed by then.
        if (isOrder(input)) return [];
        if (from.op === 'Const' || from.op === 'Placeholder') {
          repeated.add(from.name);
          return [input];
        }
        const known = handed.get(input);
        if (known) return [`${known.to}:0`];
        const result = from.results?.[Number(input.split(':')[1] ?? 0)];
        if (!result) throw new Error(`the result ${input} of a recorded graph has no shape`);
        const value = { from: input, to: `handed_${handed.size}`, ...result };
        handed.set(input, value);
        return [`${value.to}:0`];
      });
      return { ...node, inputs };
    });

  const placeholders = [...handed.values()].map(
    ({ to, shape, type }): GraphNode => ({
      name: to,
      op: 'Placeholder',
      inputs: [],
      attributes: [
        { name: 'dtype', type: AttributeKind.type, value: type },
        { name: 'shape', type: AttributeKind.shape, value: [...shape] },
      ],
      results: [{ shape, type }],
    }),
  );
  const half = (nodes: readonly GraphNode[], belongs: (name: string) => boolean): GraphHalf => {
    const names = new Set(nodes.map(({ name }) => name));
    return {
      nodes,
      inputs: graph.inputs.filter((name) => names.has(name)),
      outputs: graph.outputs.filter(belongs),
    };
  };
  return {
    first: half(
      graph.nodes.filter(({ name }) => !depends.has(name)),
      (name) => !depends.has(name),
    ),
    second: half(
      [...graph.nodes.filter(({ name }) => repeated.has(name)), ...placeholders, ...second],
      (name) => depends.has(name),
    ),
    handed: [...handed.values()],
  };
};
