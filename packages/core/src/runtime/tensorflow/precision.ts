import type { ComputeType } from '../../contracts/runtime.js';
import { ElementType } from './binding.js';

/** Products: nearly all of the time, computed in the weights' own type. */
const products = new Set([
  'MatMul',
  'BatchMatMulV2',
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
]);

/** Ops that bfloat16 loses nothing by, or that only move numbers, and that TensorFlow has in bfloat16. */
const tolerant = new Set([
  ...[
    'Add',
    'AddV2',
    'Sub',
    'Mul',
    'Multiply',
    'RealDiv',
    'Neg',
    'Maximum',
    'Minimum',
    'Relu',
    'Sigmoid',
    'Tanh',
  ],
  ...[
    'Square',
    'Reshape',
    'Transpose',
    'ConcatV2',
    'Slice',
    'StridedSlice',
    'Pad',
    'PadV2',
    'ReverseV2',
    'Tile',
  ],
  ...['Pack', 'Unpack', 'ExpandDims', 'Select', 'GatherV2', 'ResizeNearestNeighbor', 'Identity', 'SplitV'],
  ...['ZerosLike', 'OnesLike'],
]);

/** A floating-point operand of an op, as the precision rules see it. */
export interface Operand {
  /** TensorFlow's number of its type: float32 or bfloat16. */
  readonly type: number;
  /** A constant of one element, which takes the type of what it meets. */
  readonly weak: boolean;
}

/**
 * The type in which an op computes and which its floating-point operands are converted to. Products run in
 * bfloat16 where the weights are; reductions, exponentials and roots in float32; the rest in the widest type of
 * its operands.
 */
export const computeTypeOf = (op: string, operands: readonly Operand[], compute: ComputeType): number => {
  if (compute === 'float32') return ElementType.float32;
  if (products.has(op)) return ElementType.bfloat16;
  if (!tolerant.has(op)) return ElementType.float32;
  const strong = operands.filter((operand) => !operand.weak);
  if (strong.length === 0) return ElementType.float32;
  return strong.every((operand) => operand.type === ElementType.bfloat16)
    ? ElementType.bfloat16
    : ElementType.float32;
};
