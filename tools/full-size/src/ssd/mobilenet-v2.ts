import { boxPredictors, type PredictorStyle } from './box-predictors.js';
import { createGraphWriter, type GraphWriter } from './graph-writer.js';
import { centredPictures, convolution, type Layer, normedConvolution, normedDepthwise } from './layers.js';

/** Channels that each inverted bottleneck gives, and its stride; one of stride 1 between equal channels adds what goes in. */
const bottlenecks = [
  [16, 1],
  [24, 2],
  [24, 1],
  [32, 2],
  [32, 1],
  [32, 1],
  [64, 2],
  [64, 1],
  [64, 1],
  [64, 1],
  [96, 1],
  [96, 1],
  [96, 1],
  [160, 2],
  [160, 1],
  [160, 1],
  [320, 1],
] as const;

/** Channels between and after the convolutions that make the smaller feature maps. */
const extras = [
  [256, 512],
  [128, 256],
  [128, 256],
  [64, 128],
] as const;

const outer = 'FeatureExtractor/MobilenetV2';

/** A depthwise convolution of the backbone under its own name. */
const own = (graph: GraphWriter, x: Layer, name: string, stride: number): Layer =>
  normedDepthwise(graph, x, name, `${name}/depthwise_weights`, stride);

/** Adds what went in before the shift of the last norm, as the published graphs' optimiser has arranged it. */
const added = (graph: GraphWriter, input: Layer, x: Layer, name: string): Layer => {
  const { channels } = input;
  const project = `${name}/project`;
  const scaled = {
    node: `${project}/BatchNorm/batchnorm/mul_1`,
    weights: `${project}/Conv2D/merged_input`,
    channels,
  };
  const { node } = convolution(graph, x, scaled, { kernel: 1 });
  const shift = graph.weight(`${project}/BatchNorm/batchnorm/sub`, [channels], 0.1);
  const optimised = `${name}/ArithmeticOptimizer/AddOpsRewrite`;
  const sum = graph.node(`${optimised}_Leaf_1_add`, 'AddN', [node, input.node]);
  return { node: graph.node(`${optimised}_add`, 'Add', [shift, sum]), channels };
};

/** SSD on MobileNetV2, from the resized picture to scores and places. */
const ssdMobilenet = (style: PredictorStyle): GraphWriter => {
  const graph = createGraphWriter();
  const maps: Layer[] = [];
  let x = centredPictures(graph, 'Preprocessor/sub/y');
  x = normedConvolution(graph, x, `${outer}/Conv`, { channels: 32, kernel: 3, stride: 2 });
  for (const [i, [channels, stride]] of bottlenecks.entries()) {
    const name = `${outer}/expanded_conv${i === 0 ? '' : `_${i}`}`;
    const input = x;
    if (i > 0) x = normedConvolution(graph, x, `${name}/expand`, { channels: 6 * input.channels, kernel: 1 });
    if (i === 13) maps.push(x);
    x = own(graph, x, `${name}/depthwise`, stride);
    x =
      stride === 1 && channels === input.channels
        ? added(graph, input, x, name)
        : normedConvolution(graph, x, `${name}/project`, { channels, kernel: 1 }, false);
  }
  x = normedConvolution(graph, x, `${outer}/Conv_1`, { channels: 1280, kernel: 1 });
  maps.push(x);
  for (const [i, [between, channels]] of extras.entries()) {
    const name = (part: number, rest: string) => `${outer}/layer_19_${part}_Conv2d_${i + 2}_${rest}`;
    x = normedConvolution(graph, x, name(1, `1x1_${between}`), { channels: between, kernel: 1 });
    x = own(graph, x, name(2, `3x3_s2_${channels}_depthwise`), 2);
    x = normedConvolution(graph, x, name(2, `3x3_s2_${channels}`), { channels, kernel: 1 });
    maps.push(x);
  }
  boxPredictors(graph, maps, [19, 10, 5, 3, 2, 1], style);
  return graph;
};

/** In the names and shapes of `ssd_mobilenet_v2`. */
export const ssdMobilenetV2 = (): GraphWriter => ssdMobilenet({ kernel: 3, separable: false });

/** In the names and shapes of `ssdlite_mobilenet_v2`. */
export const ssdliteMobilenetV2 = (): GraphWriter => ssdMobilenet({ kernel: 1, separable: true });
