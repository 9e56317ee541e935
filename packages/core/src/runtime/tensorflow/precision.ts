import type { ComputeType } from '../../contracts/runtime.js';
import { ElementType } from './binding.js';

/** What a runtime computes in. */
export interface Precision {
  /** How frozen weights are kept. */
  readonly weights: ComputeType;
  /** What TensorFlow's products get. On processors weights are widened for each. */
  readonly products: ComputeType;
  /** What our own kernels hand on from one to the next. */
  readonly activations: ComputeType;
}

/** Everything in float32. */
export const fullPrecision: Precision = {
  weights: 'float32',
  products: 'float32',
  activations: 'float32',
};

/** Products: nearly all of the time. */
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

/** Whether an op is one of those that nearly all of the time goes into. */
export const isProduct = (op: string): boolean => products.has(op);

/**
 * The type in which an op computes and which its floating-point operands are converted to. Reductions, exponentials
 * and roots are computed in float32; the rest but products in the widest type of its operands.
 */
export const computeTypeOf = (op: string, operands: readonly Operand[], precision: Precision): number => {
  if (precision.weights === 'float32') return ElementType.float32;
  if (products.has(op)) return ElementType[precision.products];
  if (!tolerant.has(op)) return ElementType.float32;
  const strong = operands.filter((operand) => !operand.weak);
  if (strong.length === 0) return ElementType.float32;
  return strong.every((operand) => operand.type === ElementType.bfloat16)
    ? ElementType.bfloat16
    : ElementType.float32;
};
