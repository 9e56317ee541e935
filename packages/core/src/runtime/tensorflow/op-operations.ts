import { workOf } from './graph-work.js';
import type { OpStatistics } from './step-statistics.js';

type Shape = readonly number[];

const count = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

/** Length of the sums of a matrix product, whichever of its operands are transposed. */
const innerLength = (a: Shape, b: Shape, output: Shape): number => {
  const rows = output.at(-2) ?? 1;
  const columns = output.at(-1) ?? 1;
  const batch = count(output) / (rows * columns);
  // Where one operand is repeated over the batch, the other one has all of it.
  return Math.max(count(a) / (batch * rows), count(b) / (batch * columns));
};

/**
 * Multiplications and additions of each op, in the order of the ops; 0 for what is neither a matrix product nor a
 * convolution. Shapes are those that the run had.
 */
export const operationsOf = (ops: readonly OpStatistics[]): number[] => {
  const shapes = new Map(ops.map(({ node, shapes: own }) => [node, own]));
  return ops.map(({ op, node, inputs, shapes: [output = []] }) => {
    const operands = inputs.map((input) => {
      const [name = '', slot = '0'] = input.split(':');
      return { type: 1, shape: shapes.get(name)?.[Number(slot)] ?? [] };
    });
    if (op === 'MatMul' || op === 'BatchMatMulV2') {
      const [a, b] = operands;
      return 2 * innerLength(a?.shape ?? [], b?.shape ?? [], output) * count(output);
    }
    const results = [{ shape: output, type: 1 }];
    const { products, convolutions } = workOf({ name: node, op, inputs, attributes: [], results }, operands);
    return products + convolutions;
  });
};
