import type { Work } from '../../contracts/rehearsal.js';
import { bytesOf } from './element-bytes.js';
import type { GraphNode } from './graph-def.js';
import { nativeOps } from './native-ops.js';

type Shape = readonly number[];

/** Ops that hand on the memory of their first input under another shape or name. */
export const aliases = new Set(['Identity', 'Reshape', 'ExpandDims', 'Squeeze', 'StopGradient']);

const count = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

const product = (inner: number, output: Shape): Partial<Work> => ({ products: 2 * inner * count(output) });

/** Multiplications and additions of one window at each place of a picture. */
const convolution = (filter: Shape, places: Shape): Partial<Work> => ({
  convolutions: (2 * count(filter) * count(places)) / (places.at(-1) ?? 1),
});

/** The operations of products and convolutions, from the shapes of their inputs and of the first result. */
const operations = (node: GraphNode, shape: (i: number) => Shape, output: Shape): Partial<Work> | null => {
  const flag = (name: string) => node.attributes.some((each) => each.name === name && each.value === true);
  switch (node.op) {
    case 'MatMul':
      return product(shape(0).at(flag('transpose_a') ? 0 : 1) ?? 1, output);
    case 'BatchMatMulV2':
      return product(shape(0).at(flag('adj_x') ? -2 : -1) ?? 1, output);
    case 'Conv2D':
      return convolution(shape(1), output);
    case 'DepthwiseConv2dNative':
      return { convolutions: 2 * count(shape(1).slice(0, 2)) * count(output) };
    case 'Conv2DBackpropInput':
      return convolution(shape(1), shape(2));
    case 'Conv2DBackpropFilter':
      return convolution(output, shape(2));
    default:
      return nativeOps.get(node.op)?.work?.(shape, output) ?? null;
  }
};

/** A tensor that goes into an op or comes out of it. */
export interface Operand {
  /** TensorFlow's number of the element type. */
  readonly type: number;
  readonly shape: Shape;
}

/** Whether a node computes anything. */
export const computes = ({ op }: GraphNode): boolean =>
  op !== 'Const' && op !== 'Placeholder' && !aliases.has(op);

/** What one node does, given what goes into it. */
export const workOf = (node: GraphNode, inputs: readonly Operand[]): Work => {
  const { results = [] } = node;
  const known = operations(node, (i) => inputs[i]?.shape ?? [], results[0]?.shape ?? []);
  const bytes = [...inputs, ...results].reduce((sum, { type, shape }) => sum + bytesOf(type, shape), 0);
  return { products: 0, convolutions: 0, bytes, ...known };
};
