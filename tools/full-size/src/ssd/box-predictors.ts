import type { GraphWriter } from './graph-writer.js';
import { channelsLast, convolution, depthwise, type Layer } from './layers.js';

/** How the heads on the feature maps are made. */
export interface PredictorStyle {
  readonly kernel: 1 | 3;
  /** Whether a depthwise convolution with a batch norm of its own comes before each head. */
  readonly separable: boolean;
}

/** COCO's ids up to 90, and the background. */
const classes = 91;

const integer = (value: number) => ({ i: String(value) });

/** A depthwise convolution with an unfolded batch norm and a ReLU to 6, as SSDLite has it before its heads. */
const separated = (graph: GraphWriter, input: Layer, name: string): Layer => {
  const { node, channels } = depthwise(graph, input, `${name}/depthwise`, `${name}/depthwise_weights`);
  const norm = `${name}/BatchNorm`;
  const fused = graph.node(
    `${norm}/FusedBatchNorm`,
    'FusedBatchNorm',
    [
      node,
      graph.weight(`${norm}/gamma`, [channels], 0.1, 1),
      graph.weight(`${norm}/beta`, [channels], 0.1),
      graph.weight(`${norm}/moving_mean`, [channels], 0.1),
      graph.weight(`${norm}/moving_variance`, [channels], 0.05, 1),
    ],
    { ...channelsLast, is_training: { b: false }, epsilon: { f: Math.fround(0.001) } },
  );
  return { node: graph.node(`${name}/Relu6`, 'Relu6', [fused]), channels };
};

/** One head on a feature map: `[n, boxes, …]`. */
const head = (
  graph: GraphWriter,
  map: Layer,
  { place, kind, each, boxes }: { place: string; kind: string; each: readonly number[]; boxes: number },
  { kernel, separable }: PredictorStyle,
): string => {
  const name = `${place}/${kind}Predictor`;
  const input = separable ? separated(graph, map, `${name}_depthwise`) : map;
  const channels = boxes * each.reduce((a, b) => a * b, 1);
  const weights = `${name}/weights`;
  const { node } = convolution(graph, input, { node: `${name}/Conv2D`, weights, channels }, { kernel });
  const bias = graph.weight(`${name}/biases`, [channels], 0.1);
  return graph.node(`${name}/BiasAdd`, 'BiasAdd', [node, bias], channelsLast);
};

/**
 * The heads on the six feature maps, up to the scores of all boxes and the codes of their places.
 * @param sides Side of each feature map.
 */
export const boxPredictors = (
  graph: GraphWriter,
  maps: readonly Layer[],
  sides: readonly number[],
  style: PredictorStyle,
): void => {
  const first = graph.integers('Postprocessor/strided_slice/stack', [0]);
  const second = graph.integers('Postprocessor/strided_slice/stack_1', [1]);
  const classCount = graph.integers('BoxPredictor_0/stack_1/2', classes);
  const [one, four] = [
    graph.integers('BoxPredictor_0/stack/2', 1),
    graph.integers('BoxPredictor_0/stack/3', 4),
  ];
  const parts = maps.map((map, i) => {
    const place = `BoxPredictor_${i}`;
    const boxes = i === 0 ? 3 : 6;
    const places = head(graph, map, { place, kind: 'BoxEncoding', each: [1, 4], boxes }, style);
    const scores = head(graph, map, { place, kind: 'Class', each: [classes], boxes }, style);
    const shape = graph.node(`${place}/Shape`, 'Shape', [map.node]);
    const count = graph.node(`${place}/strided_slice`, 'StridedSlice', [shape, first, second, second], {
      ...Object.fromEntries(
        ['begin', 'ellipsis', 'end', 'new_axis'].map((mask) => [`${mask}_mask`, integer(0)]),
      ),
      shrink_axis_mask: integer(1),
    });
    const all = graph.integers(`${place}/stack/1`, boxes * sides[i]! ** 2);
    const axis = { axis: integer(0) };
    const placesShape = graph.node(`${place}/stack`, 'Pack', [count, all, one, four], axis);
    const scoresShape = graph.node(`${place}/stack_1`, 'Pack', [count, all, classCount], axis);
    return {
      places: graph.node(`${place}/Reshape`, 'Reshape', [places, placesShape]),
      scores: graph.node(`${place}/Reshape_1`, 'Reshape', [scores, scoresShape]),
    };
  });
  const axis = graph.integers('concat/axis', 1);
  const together = { N: integer(parts.length) };
  const places = graph.node('concat', 'ConcatV2', [...parts.map((part) => part.places), axis], together);
  graph.node('Squeeze', 'Squeeze', [places], { squeeze_dims: { list: { i: ['2'] } } });
  const scores = graph.node('concat_1', 'ConcatV2', [...parts.map((part) => part.scores), axis], together);
  const squashed = graph.node('Postprocessor/convert_scores', 'Sigmoid', [scores]);
  // The background is left out.
  const begin = graph.integers('Postprocessor/Slice/begin', [0, 0, 1]);
  const size = graph.integers('Postprocessor/Slice/size', [-1, -1, -1]);
  graph.node('Postprocessor/Slice', 'Slice', [squashed, begin, size]);
};
