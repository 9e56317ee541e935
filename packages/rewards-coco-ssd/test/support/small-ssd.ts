import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomSource } from '@draft/core';

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
}

/** Size of what the small graph's pictures are stretched to. */
export const smallSize = [17, 14] as const;

const list = (i: readonly number[]) => ({ list: { i: i.map(String), s: [], f: [], b: [] } });
const fusedOps = (...names: string[]) => ({
  list: { s: names.map((name) => [...Buffer.from(name)]), i: [], f: [], b: [] },
});

/** A graph of the structure of the published SSDs, with random weights: the same nodes at both cuts, and the same operations. */
export const buildSmallSsd = () => {
  const random = createRandomSource(11);
  const nodes: Node[] = [];
  const constants: Constant[] = [];
  const add = (
    name: string,
    op: string,
    input: readonly string[],
    attr: Readonly<Record<string, unknown>> = {},
  ) => {
    nodes.push({ name, op, input, attr });
    return name;
  };
  const floats = (name: string, shape: readonly number[], scale = 1, middle = 0) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const values = Float32Array.from(random.normal(size), (value) => middle + scale * value);
    constants.push({ name, shape, dtype: 'float32', values });
    return add(name, 'Const', [], { dtype: { type: 1 } });
  };
  const number = (name: string, value: number) => {
    constants.push({ name, shape: [], dtype: 'float32', values: Float32Array.of(value) });
    return add(name, 'Const', [], { dtype: { type: 1 } });
  };
  const integers = (name: string, values: readonly number[] | number) => {
    const shape = typeof values === 'number' ? [] : [values.length];
    constants.push({ name, shape, dtype: 'int32', values: Int32Array.from([values].flat()) });
    return add(name, 'Const', [], { dtype: { type: 3 } });
  };
  const moving = (stride: number) => ({
    strides: list([1, stride, stride, 1]),
    dilations: list([1, 1, 1, 1]),
    data_format: { s: [78, 72, 87, 67] },
    // Written in both ways that are found.
    padding: { s: stride === 1 ? [83, 65, 77, 69] : Buffer.from('SAME').toString('base64') },
    T: { type: 1 },
  });
  const batchNorm = (name: string, x: string, channels: number) =>
    add(
      name,
      'FusedBatchNorm',
      [
        x,
        floats(`${name}/gamma`, [channels], 0.2, 1),
        floats(`${name}/beta`, [channels], 0.3),
        floats(`${name}/moving_mean`, [channels], 0.3),
        floats(`${name}/moving_variance`, [channels], 0.05, 1),
      ],
      {
        is_training: { b: false },
        epsilon: { f: 0.001 },
        data_format: { s: [78, 72, 87, 67] },
        T: { type: 1 },
      },
    );

  // The loop that resizes pictures one by one.
  add('image_tensor', 'Placeholder', [], {
    dtype: { type: 4 },
    shape: { shape: { dim: ['-1', '-1', '-1', '3'].map((size) => ({ size })) } },
  });
  add('ToFloat', 'Cast', ['image_tensor'], { SrcT: { type: 4 }, DstT: { type: 1 } });
  add('Preprocessor/map/TensorArray_1', 'TensorArrayV3', [integers('Preprocessor/map/size', 1)], {
    dtype: { type: 1 },
  });
  add('Preprocessor/map/while/Enter_1', 'Enter', ['ToFloat'], { frame_name: { s: [119] } });
  add('Preprocessor/map/while/Exit_1', 'Exit', ['Preprocessor/map/while/Enter_1']);
  add(
    'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3',
    'TensorArrayGatherV3',
    [
      'Preprocessor/map/TensorArray_1',
      integers('Preprocessor/map/TensorArrayStack/range', [0]),
      'Preprocessor/map/while/Exit_1',
    ],
    {
      dtype: { type: 1 },
      element_shape: { shape: { dim: [...smallSize, 3].map((size) => ({ size: String(size) })) } },
    },
  );
  add('Preprocessor/mul', 'Mul', [
    number('Preprocessor/mul/x', 2 / 255),
    'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3',
  ]);
  let x = add('Preprocessor/sub', 'Sub', ['Preprocessor/mul', number('Preprocessor/sub/y', 1)]);

  // A first convolution, an inverted residual and a step down, as MobileNetV2 has them.
  x = add('F/Conv/mul_1', 'Conv2D', [x, floats('F/Conv/merged_input', [3, 3, 3, 8], 0.3)], moving(2));
  x = add('F/Conv/add_1', 'Add', [x, floats('F/Conv/sub', [8], 0.3)]);
  const trunk = add('F/Conv/Relu6', 'Relu6', [x]);
  x = add('F/expand/Conv2D', 'Conv2D', [trunk, floats('F/expand/weights', [1, 1, 8, 12], 0.4)], moving(1));
  x = add('F/expand/Relu6', 'Relu6', [batchNorm('F/expand/BatchNorm', x, 12)]);
  x = add(
    'F/depthwise/depthwise',
    'DepthwiseConv2dNative',
    [x, floats('F/depthwise/weights', [3, 3, 12, 1], 0.4)],
    moving(1),
  );
  x = add('F/depthwise/mul_1', 'Mul', [x, floats('F/depthwise/mul', [12], 0.2, 1)]);
  x = add('F/depthwise/add_1', 'AddV2', [x, floats('F/depthwise/sub', [12], 0.2)]);
  x = add('F/depthwise/Relu6', 'Relu6', [x]);
  x = add('F/project/Conv2D', 'Conv2D', [x, floats('F/project/weights', [1, 1, 12, 8], 0.3)], moving(1));
  x = add('F/project/AddN', 'AddN', [x, trunk], { N: { i: '2' } });
  const first = add('F/project/add', 'Add', [floats('F/project/sub', [8], 0.2), x]);
  x = add(
    'F/down/depthwise',
    'FusedDepthwiseConv2dNative',
    [first, floats('F/down/depthwise_weights', [3, 3, 8, 1], 0.4), floats('F/down/depthwise_bias', [8], 0.2)],
    { ...moving(2), fused_ops: fusedOps('BiasAdd', 'Relu6'), num_args: { i: '1' } },
  );
  const second = add(
    'F/down/pointwise',
    '_FusedConv2D',
    [x, floats('F/down/weights', [1, 1, 8, 10], 0.4), floats('F/down/bias', [10], 0.2)],
    { ...moving(1), fused_ops: fusedOps('BiasAdd', 'Relu'), num_args: { i: '1' } },
  );

  // Two predictors; the second behind a depthwise convolution.
  const zero = integers('strided_slice/stack', [0]);
  const one = integers('strided_slice/stack_1', [1]);
  const predictor = (name: string, features: string, from: string, channels: number, anchors: number) => {
    const logits = add(
      `${name}/ClassPredictor/Conv2D`,
      'Conv2D',
      [from, floats(`${name}/ClassPredictor/weights`, [1, 1, channels, anchors * 91], 0.5)],
      moving(1),
    );
    const biased = add(
      `${name}/ClassPredictor/BiasAdd`,
      'BiasAdd',
      [logits, floats(`${name}/ClassPredictor/biases`, [anchors * 91], 0.5, -2)],
      {
        data_format: { s: [78, 72, 87, 67] },
      },
    );
    add(`${name}/Shape`, 'Shape', [features], { out_type: { type: 3 } });
    add(`${name}/strided_slice`, 'StridedSlice', [`${name}/Shape`, zero, one, one], {
      shrink_axis_mask: { i: '1' },
      begin_mask: { i: '0' },
      end_mask: { i: '0' },
      ellipsis_mask: { i: '0' },
      new_axis_mask: { i: '0' },
    });
    add(
      `${name}/stack_1`,
      'Pack',
      [`${name}/strided_slice`, integers(`${name}/stack/1`, -1), integers(`${name}/stack_1/2`, 91)],
      {
        axis: { i: '0' },
        N: { i: '3' },
      },
    );
    return add(`${name}/Reshape_1`, 'Reshape', [biased, `${name}/stack_1`]);
  };
  const near = predictor('BoxPredictor_0', first, first, 8, 2);
  const apart = add(
    'BoxPredictor_1/ClassPredictor_depthwise/depthwise',
    'DepthwiseConv2dNative',
    [second, floats('BoxPredictor_1/ClassPredictor_depthwise/weights', [3, 3, 10, 1], 0.4)],
    moving(1),
  );
  const quiet = add('BoxPredictor_1/ClassPredictor_depthwise/Relu6', 'Relu6', [
    batchNorm('BoxPredictor_1/ClassPredictor_depthwise/BatchNorm', apart, 10),
  ]);
  const far = predictor('BoxPredictor_1', second, quiet, 10, 3);
  add('concat_1', 'ConcatV2', [near, far, integers('concat/axis', 1)], { N: { i: '2' } });
  add('Postprocessor/convert_scores', 'Sigmoid', ['concat_1']);
  add('Postprocessor/Slice', 'Slice', [
    'Postprocessor/convert_scores',
    integers('Postprocessor/Slice/begin', [0, 0, 1]),
    integers('Postprocessor/Slice/size', [-1, -1, 90]),
  ]);

  const weights = constants.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  const bytes = Buffer.concat(
    constants.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );
  const topology = { node: nodes, library: {}, versions: {} };
  return { topology, weights, bytes, constants };
};

/** Writes the small graph as it would be published, in two shards. */
export const writeSmallSsd = (
  folder: string,
  change: (json: Record<string, unknown>) => unknown = (json) => json,
): string => {
  const { topology, weights, bytes } = buildSmallSsd();
  mkdirSync(folder, { recursive: true });
  const paths = ['group1-shard1of2', 'group1-shard2of2'];
  const json = { modelTopology: topology, weightsManifest: [{ paths, weights }] };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(change(json)));
  writeFileSync(join(folder, 'group1-shard1of2'), bytes.subarray(0, 4001));
  writeFileSync(join(folder, 'group1-shard2of2'), bytes.subarray(4001));
  return folder;
};
