import { conv2d, DraftError, type Tensor, type Tensor4D, tf } from '@draft/core';
import { depthwiseConv2d } from './depthwise-conv2d.js';
import {
  type GraphNode,
  integerAttribute,
  integersAttribute,
  textAttribute,
  textsAttribute,
} from './graph-model.js';

/** What flows along a graph: a tensor, or whole numbers that say how tensors are cut and shaped. */
export type GraphValue = Tensor | readonly number[];

/** Computes a node; a pure function of tensors. */
export type GraphOperation = (inputs: readonly GraphValue[], node: GraphNode) => GraphValue;

const unsupported = ({ name, op }: GraphNode, what: string): DraftError =>
  new DraftError(
    'DRAFT_GRAPH_UNSUPPORTED',
    `The graph's node ${name} (${op}) has ${what}, which cannot be computed here.`,
  );

const isNumbers = (value: GraphValue | undefined): value is readonly number[] => Array.isArray(value);

const tensorAt = (inputs: readonly GraphValue[], i: number, node: GraphNode): Tensor => {
  const value = inputs[i];
  if (value === undefined || isNumbers(value)) throw unsupported(node, `no tensor as input ${i}`);
  return value as Tensor;
};

const numbersAt = (inputs: readonly GraphValue[], i: number, node: GraphNode): number[] => {
  const value = inputs[i];
  if (!isNumbers(value)) throw unsupported(node, `numbers that are computed as input ${i}`);
  return [...value];
};

const unary =
  (compute: (x: Tensor) => Tensor): GraphOperation =>
  (inputs, node) =>
    compute(tensorAt(inputs, 0, node));

const binary =
  (compute: (a: Tensor, b: Tensor) => Tensor): GraphOperation =>
  (inputs, node) =>
    compute(tensorAt(inputs, 0, node), tensorAt(inputs, 1, node));

const activations: Readonly<Record<string, (x: Tensor) => Tensor>> = { Relu: tf.relu, Relu6: tf.relu6 };

/** Stride and padding of a convolution, where they are such as SSD has them. */
const movement = (node: GraphNode): { readonly stride: number; readonly pad: 'same' | 'valid' } => {
  const [, stride = 1, across = 1] = integersAttribute(node, 'strides');
  const padding = textAttribute(node, 'padding');
  const format = textAttribute(node, 'data_format') || 'NHWC';
  const dilated = integersAttribute(node, 'dilations').some((step) => step !== 1);
  if (stride !== across || dilated || format !== 'NHWC' || !['SAME', 'VALID'].includes(padding)) {
    throw unsupported(
      node,
      `the strides ${stride}, ${across}, the padding ${padding}, dilations, or the layout ${format}`,
    );
  }
  return { stride, pad: padding === 'SAME' ? 'same' : 'valid' };
};

const convolve =
  (move: (x: Tensor4D, filter: Tensor4D, node: GraphNode) => Tensor): GraphOperation =>
  (inputs, node) => {
    let y = move(tensorAt(inputs, 0, node) as Tensor4D, tensorAt(inputs, 1, node) as Tensor4D, node);
    for (const [i, fused] of textsAttribute(node, 'fused_ops').entries()) {
      const activation = activations[fused];
      if (fused === 'BiasAdd' && i === 0) y = tf.add(y, tensorAt(inputs, 2, node));
      else if (activation) y = activation(y);
      else throw unsupported(node, `the fused operation ${fused}`);
    }
    return y;
  };

const wholeConvolution = convolve((x, filter, node) => {
  const { stride, pad } = movement(node);
  return conv2d(x, { weight: filter }, { stride, pad });
});

const depthwiseConvolution = convolve((x, filter, node) => {
  const { stride, pad } = movement(node);
  if (filter.shape[3] !== 1) throw unsupported(node, `${filter.shape[3]} results a channel`);
  return depthwiseConv2d(x, filter, stride, pad);
});

const batchNorm: GraphOperation = (inputs, node) => {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => tensorAt(inputs, i, node)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  if (node.attr.is_training?.b !== false) throw unsupported(node, 'statistics of the batch');
  const scale = tf.div(gamma, tf.sqrt(tf.add(variance, node.attr.epsilon?.f ?? 1e-4)));
  return tf.add(tf.mul(tensorAt(inputs, 0, node), scale), tf.sub(beta, tf.mul(mean, scale)));
};

/** Picks from a shape; of a slice only what its first axis says matters. */
const stridedSlice: GraphOperation = (inputs, node) => {
  const [values, [begin = 0], [end = 0], [step = 1]] = [0, 1, 2, 3].map((i) =>
    numbersAt(inputs, i, node),
  ) as [number[], number[], number[], number[]];
  if (step !== 1) throw unsupported(node, `the step ${step}`);
  const from = integerAttribute(node, 'begin_mask') & 1 ? 0 : begin;
  if (integerAttribute(node, 'shrink_axis_mask') & 1) return values.slice(from).slice(0, 1);
  return values.slice(from, integerAttribute(node, 'end_mask') & 1 ? undefined : end);
};

const concat: GraphOperation = (inputs, node) => {
  const [axis = 0] = numbersAt(inputs, inputs.length - 1, node);
  return tf.concat(
    inputs.slice(0, -1).map((_, i) => tensorAt(inputs, i, node)),
    axis,
  );
};

const squeeze: GraphOperation = (inputs, node) => {
  const axes = integersAttribute(node, 'squeeze_dims');
  return tf.squeeze(tensorAt(inputs, 0, node), axes.length > 0 ? [...axes] : undefined);
};

/** The operations of SSD's published graphs from the picture to the scores, by TensorFlow's names. */
export const graphOperations: Readonly<Record<string, GraphOperation>> = {
  Identity: ([value], node) => value ?? tensorAt([], 0, node),
  Conv2D: wholeConvolution,
  _FusedConv2D: wholeConvolution,
  DepthwiseConv2dNative: depthwiseConvolution,
  FusedDepthwiseConv2dNative: depthwiseConvolution,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  BiasAdd: binary(tf.add),
  Add: binary(tf.add),
  AddV2: binary(tf.add),
  AddN: (inputs, node) => inputs.map((_, i) => tensorAt(inputs, i, node)).reduce((sum, x) => tf.add(sum, x)),
  Sub: binary(tf.sub),
  Mul: binary(tf.mul),
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6),
  Sigmoid: unary(tf.sigmoid),
  Reshape: (inputs, node) => tf.reshape(tensorAt(inputs, 0, node), numbersAt(inputs, 1, node)),
  Squeeze: squeeze,
  Slice: (inputs, node) =>
    tf.slice(tensorAt(inputs, 0, node), numbersAt(inputs, 1, node), numbersAt(inputs, 2, node)),
  ConcatV2: concat,
  Shape: (inputs, node) => [...tensorAt(inputs, 0, node).shape],
  StridedSlice: stridedSlice,
  Pack: (inputs, node) => inputs.flatMap((_, i) => numbersAt(inputs, i, node)),
};
