import type { Work } from '../../contracts/rehearsal.js';
import { bytesOf } from './element-bytes.js';
import type { GraphNode } from './graph-def.js';

type Shape = readonly number[];

/** Ops that hand on the memory of their first input under another shape or name. */
export const aliases = new Set(['Identity', 'Reshape', 'ExpandDims', 'Squeeze', 'StopGradient']);

/** No work. */
export const noWork: Work = { products: 0, convolutions: 0, bytes: 0, ops: 0, singleOps: 0 };

/** The sum of two, the second so many times. */
export const addWork = (a: Work, b: Work, times = 1): Work => ({
  products: a.products + times * b.products,
  convolutions: a.convolutions + times * b.convolutions,
  bytes: a.bytes + times * b.bytes,
  ops: a.ops + times * b.ops,
  singleOps: a.singleOps + times * b.singleOps,
});

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
      return null;
  }
};

/**
 * What one node does.
 * @param shape Shape of an input.
 * @param inputBytes Of all inputs.
 */
export const workOf = (node: GraphNode, shape: (i: number) => Shape, inputBytes: number): Work => {
  const { op, results = [] } = node;
  if (op === 'Const' || op === 'Placeholder' || aliases.has(op)) return noWork;
  const known = operations(node, shape, results[0]?.shape ?? []);
  if (known) return { ...noWork, ops: 1, ...known };
  const made = results.reduce((sum, { type, shape: own }) => sum + bytesOf(type, own), 0);
  return { ...noWork, ops: 1, bytes: inputBytes + made };
};
