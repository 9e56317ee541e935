import { boxPredictors } from './box-predictors.js';
import { createGraphWriter, type GraphWriter } from './graph-writer.js';
import { centredPictures, type Layer, normedConvolution, normedDepthwise } from './layers.js';

/** Channels that each pair of convolutions gives, and the stride of its first. */
const pairs = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** Channels between and after the convolutions that make the smaller feature maps. */
const extras = [
  [256, 512],
  [128, 256],
  [128, 256],
  [64, 128],
] as const;

/** SSD on MobileNetV1 in the names and shapes of `ssd_mobilenet_v1`, from the resized picture to scores and places. */
export const ssdMobilenetV1 = (): GraphWriter => {
  const graph = createGraphWriter();
  const outer = 'FeatureExtractor/MobilenetV1';
  const inner = `${outer}/MobilenetV1`;
  let x = centredPictures(graph, 'MultipleGridAnchorGenerator/strided_slice');
  x = normedConvolution(graph, x, `${inner}/Conv2d_0`, { channels: 32, kernel: 3, stride: 2 });
  const maps: Layer[] = [];
  for (const [i, [channels, stride]] of pairs.entries()) {
    const name = `Conv2d_${i + 1}`;
    const weights = `${outer}/${name}_depthwise/depthwise_weights`;
    x = normedDepthwise(graph, x, `${inner}/${name}_depthwise`, weights, stride);
    x = normedConvolution(graph, x, `${inner}/${name}_pointwise`, { channels, kernel: 1 });
    if (i === 10 || i === 12) maps.push(x);
  }
  for (const [i, [between, channels]] of extras.entries()) {
    const name = (part: number, rest: string) =>
      `${outer}/Conv2d_13_pointwise_${part}_Conv2d_${i + 2}_${rest}`;
    x = normedConvolution(graph, x, name(1, `1x1_${between}`), { channels: between, kernel: 1 });
    x = normedConvolution(graph, x, name(2, `3x3_s2_${channels}`), { channels, kernel: 3, stride: 2 });
    maps.push(x);
  }
  boxPredictors(graph, maps, [19, 10, 5, 3, 2, 1], { kernel: 1, separable: false });
  return graph;
};
