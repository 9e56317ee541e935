import type { GraphWriter } from './graph-writer.js';

/** What a layer gives: its node, and how many channels it has. */
export interface Layer {
  readonly node: string;
  readonly channels: number;
}

const list = (...values: readonly number[]) => ({ list: { i: values.map(String) } });
const base64 = (text: string) => ({ s: Buffer.from(text).toString('base64') });

/** Pictures lie row by row, channels last. */
export const channelsLast = { data_format: base64('NHWC') };

const moving = (stride: number) => ({
  ...channelsLast,
  dilations: list(1, 1, 1, 1),
  padding: base64('SAME'),
  strides: list(1, stride, stride, 1),
});

/** Keeps the size of what passes through a map of so many inputs and a ReLU. */
const spreadOf = (inputs: number): number => Math.sqrt(2 / inputs);

/** A convolution as it stands, without norm; `weights` names its constant. */
export const convolution = (
  graph: GraphWriter,
  { node, channels }: Layer,
  output: { readonly node: string; readonly weights: string; readonly channels: number },
  { kernel, stride = 1 }: { readonly kernel: number; readonly stride?: number },
): Layer => {
  const shape = [kernel, kernel, channels, output.channels];
  const weights = graph.weight(output.weights, shape, spreadOf(kernel * kernel * channels));
  graph.node(output.node, 'Conv2D', [node, weights], { ...moving(stride), use_cudnn_on_gpu: { b: true } });
  return output;
};

/** A depthwise convolution of 3 × 3 as it stands. */
export const depthwise = (
  graph: GraphWriter,
  { node, channels }: Layer,
  name: string,
  weightsName: string,
  stride = 1,
): Layer => {
  const weights = graph.weight(weightsName, [3, 3, channels, 1], spreadOf(9));
  return { node: graph.node(name, 'DepthwiseConv2dNative', [node, weights], moving(stride)), channels };
};

/**
 * A convolution whose batch norm has become a part of it, but for its shift.
 * @param activated Whether a ReLU to 6 follows.
 */
export const normedConvolution = (
  graph: GraphWriter,
  input: Layer,
  name: string,
  sizes: { readonly channels: number; readonly kernel: number; readonly stride?: number },
  activated = true,
): Layer => {
  const { channels } = sizes;
  const scaled = `${name}/BatchNorm/batchnorm/mul_1`;
  convolution(graph, input, { node: scaled, weights: `${name}/Conv2D/merged_input`, channels }, sizes);
  return shifted(graph, { node: scaled, channels }, name, activated);
};

/** The shift of a batch norm, and a ReLU to 6 where there is one. */
const shifted = (graph: GraphWriter, { node, channels }: Layer, name: string, activated: boolean): Layer => {
  const shift = graph.weight(`${name}/BatchNorm/batchnorm/sub`, [channels], 0.1);
  const sum = graph.node(`${name}/BatchNorm/batchnorm/add_1`, 'Add', [node, shift]);
  return { node: activated ? graph.node(`${name}/Relu6`, 'Relu6', [sum]) : sum, channels };
};

/** A depthwise convolution with a batch norm of two constants, and a ReLU to 6. */
export const normedDepthwise = (
  graph: GraphWriter,
  input: Layer,
  name: string,
  weightsName: string,
  stride = 1,
): Layer => {
  const { node, channels } = depthwise(graph, input, `${name}/depthwise`, weightsName, stride);
  const scale = graph.weight(`${name}/BatchNorm/batchnorm/mul`, [channels], 0.1, 1);
  const scaled = graph.node(`${name}/BatchNorm/batchnorm/mul_1`, 'Mul', [node, scale]);
  return shifted(graph, { node: scaled, channels }, name, true);
};

/** The pictures in `0..255` behind the published graph's loop, mapped to `[−1, 1]`. @param one The constant that is taken off. */
export const centredPictures = (graph: GraphWriter, one: string): Layer => {
  const pictures = graph.node('Preprocessor/map/TensorArrayStack/TensorArrayGatherV3', 'Placeholder', [], {
    element_shape: { shape: { dim: [{ size: '300' }, { size: '300' }, { size: '3' }] } },
  });
  const scaled = graph.node('Preprocessor/mul', 'Mul', [
    graph.number('Preprocessor/mul/x', 2 / 255),
    pictures,
  ]);
  return { node: graph.node('Preprocessor/sub', 'Sub', [scaled, graph.number(one, 1)]), channels: 3 };
};
