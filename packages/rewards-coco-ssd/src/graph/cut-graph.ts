import { DraftError, type Tensor, tf } from '@draft/core';
import type { GraphConstant } from './graph-constants.js';
import type { GraphModel, GraphNode } from './graph-model.js';
import { type GraphValue, graphOperations } from './graph-operations.js';

/** The part of a graph between two of its nodes, as a function of tensors. */
export interface CutGraph {
  /** Plain tensor code; the caller owns the result. */
  run(x: Tensor): Tensor;
  /** How many nodes it computes. */
  readonly size: number;
  /** Frees the constants. */
  dispose(): void;
}

/** The node of an input, which may name one of its results or a control edge. */
const nodeOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

/** What has to be computed for `to` if `from` is given, in an order in which it can be. */
const between = (
  nodes: GraphModel['nodes'],
  from: string,
  to: string,
  name: string,
): readonly GraphNode[] => {
  const order: GraphNode[] = [];
  const seen = new Set([from]);
  const stack: { readonly node: string; readonly done: boolean }[] = [{ node: to, done: false }];
  while (stack.length > 0) {
    const { node: key, done } = stack.pop() as { node: string; done: boolean };
    const node = nodes.get(key);
    if (node === undefined) {
      throw new DraftError('DRAFT_MODEL_INVALID', `The graph of ${name} has no node ${key}.`);
    }
    if (done) order.push(node);
    else if (!seen.has(key)) {
      seen.add(key);
      stack.push({ node: key, done: true });
      for (const input of node.input) stack.push({ node: nodeOf(input), done: false });
    }
  }
  return order;
};

/**
 * Makes a function of the part of a graph between two nodes. What comes before `from`, such as loops, is never computed,
 * so gradients pass. The constants are float32 tensors of its own.
 * @param name How messages call the model.
 * @throws DraftError `DRAFT_MODEL_INVALID` where a node or a constant is missing, `DRAFT_GRAPH_UNSUPPORTED` with the
 * operations that cannot be computed.
 */
export const cutGraph = (
  { nodes }: GraphModel,
  constants: ReadonlyMap<string, GraphConstant>,
  { from, to }: { readonly from: string; readonly to: string },
  name: string,
): CutGraph => {
  const order = between(nodes, from, to, name);
  const strange = new Set(
    order.filter(({ op }) => op !== 'Const' && !Object.hasOwn(graphOperations, op)).map(({ op }) => op),
  );
  if (strange.size > 0) {
    throw new DraftError(
      'DRAFT_GRAPH_UNSUPPORTED',
      `Between ${from} and ${to} the graph of ${name} has operations that cannot be computed here: ${[...strange].join(', ')}.`,
    );
  }
  const missing = order
    .filter((node) => node.op === 'Const' && !constants.has(node.name))
    .map((node) => node.name);
  if (missing.length > 0) {
    throw new DraftError(
      'DRAFT_MODEL_INVALID',
      `The weights of ${name} lack ${missing.slice(0, 3).join(', ')}.`,
    );
  }
  const held: Tensor[] = [];
  const known = new Map<string, GraphValue>();
  for (const node of order) {
    const constant = node.op === 'Const' ? constants.get(node.name) : undefined;
    if (constant?.integer) known.set(node.name, [...constant.values]);
    else if (constant) {
      const tensor = tf.tensor(constant.values as Float32Array, [...constant.shape]);
      held.push(tensor);
      known.set(node.name, tensor);
    }
  }
  const steps = order.filter(({ op }) => op !== 'Const');
  return {
    size: steps.length,
    run: (x) =>
      tf.tidy(() => {
        const values = new Map<string, GraphValue>([...known, [from, x]]);
        for (const node of steps) {
          // Control edges say when, not what.
          const inputs = node.input
            .filter((input) => !input.startsWith('^'))
            .map((input) => values.get(nodeOf(input)) as GraphValue);
          values.set(node.name, (graphOperations[node.op] as (typeof graphOperations)[string])(inputs, node));
        }
        return values.get(to) as Tensor;
      }),
    dispose() {
      tf.dispose(held.splice(0));
    },
  };
};
