import { ElementType } from './binding.js';
import type { GraphConstant, GraphNode } from './graph-def.js';
import type { Operand } from './graph-work.js';

/** What an op gets: numbers that are known when it is recorded, or a tensor. */
export type OpInput = { readonly constant: GraphConstant } | Operand;

/** An op with inputs of some shapes, wherever in a graph it occurs. */
export interface OpKind {
  readonly key: string;
  readonly node: GraphNode;
  readonly inputs: readonly OpInput[];
}

const keyOf = (input: OpInput): string =>
  'constant' in input
    ? `${input.constant.dtype}[${input.constant.shape}]=${Buffer.from(input.constant.content).toString('base64')}`
    : `${input.type}[${input.shape}]`;

/** Shapes, axes and such, which decide what an op does; constants of other types are as good as tensors. */
const decides = ({ dtype }: GraphConstant): boolean =>
  dtype === ElementType.int32 || dtype === ElementType.int64;

/** What a node is an occurrence of. */
export const opKindOf = (
  node: GraphNode,
  operands: readonly { readonly from: GraphNode | undefined; readonly operand: Operand }[],
): OpKind => {
  const inputs = operands.map(({ from, operand }) =>
    from?.constant && decides(from.constant) ? { constant: from.constant } : operand,
  );
  return {
    key: [node.op, JSON.stringify(node.attributes), ...inputs.map(keyOf)].join(' '),
    node,
    inputs,
  };
};
