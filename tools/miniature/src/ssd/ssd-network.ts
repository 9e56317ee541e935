import { conv2d, type Tensor, type Tensor3D, type Tensor4D, tf, type Weights } from '@draft/core';
import { boxesEach, predictors, stemWidth, trunk } from './ssd-architecture.js';

/** What the detector says of each box of a picture. */
export interface SsdOutput {
  /** Log-odds of each class, `[n, boxes, classes]`. */
  readonly logits: Tensor3D;
  /** Centre and size relative to the anchor: y, x, height, width, `[n, boxes, 4]`. */
  readonly codes: Tensor3D;
}

/** Mean and variance of each channel, for the batch norm of a name. */
export type Moments = (norm: string, x: Tensor4D) => { readonly mean: Tensor; readonly variance: Tensor };

/** Added to variances. */
export const epsilon = 1e-3;

/** A convolution with batch norm, and whether it ends in ReLU6. */
export interface SsdLayer {
  readonly name: string;
  readonly kind: 'whole' | 'depthwise';
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly input: number;
  readonly output: number;
  readonly active: boolean;
}

/** How the network's parts are made; training and the written graph have the same structure. */
export interface SsdParts<Value> {
  /** A convolution with its batch norm. */
  layer(layer: SsdLayer, x: Value): Value;
  /** Adds the input of a block to its result. */
  add(name: string, a: Value, b: Value): Value;
  /** A convolution of 1 × 1 with a bias, its results as `[n, boxes, width / boxesEach]`. */
  predict(name: string, x: Value, input: number, width: number): Value;
  /** Puts the boxes of all maps one after the other. */
  join(name: string, parts: readonly Value[]): Value;
}

/** Goes through MobileNetV2's blocks and SSDLite's predictors. */
export const buildSsd = <Value>(parts: SsdParts<Value>, pixels: Value, classes: number) => {
  let x = parts.layer(
    {
      name: 'Conv',
      kind: 'whole',
      kernel: 3,
      stride: 2,
      input: 3,
      output: stemWidth,
      active: true,
    },
    pixels,
  );
  let width = stemWidth;
  const maps: { readonly x: Value; readonly width: number }[] = [];
  trunk.forEach((block, i) => {
    const name = `expanded_conv_${i}`;
    const inner = block.expansion * width;
    const pointwise = { kind: 'whole', kernel: 1, stride: 1 } as const;
    const before = x;
    x = parts.layer({ name: `${name}/expand`, ...pointwise, input: width, output: inner, active: true }, x);
    const across = { kind: 'depthwise', kernel: 3, stride: block.stride } as const;
    x = parts.layer({ name: `${name}/depthwise`, ...across, input: inner, output: inner, active: true }, x);
    x = parts.layer(
      { name: `${name}/project`, ...pointwise, input: inner, output: block.width, active: false },
      x,
    );
    if (block.stride === 1 && block.width === width) x = parts.add(`${name}/add`, x, before);
    width = block.width;
    maps.push({ x, width });
  });
  const heads = predictors.map(({ block }, i) => {
    const map = maps[block]!;
    const head = (kind: string, outputs: number): Value => {
      const name = `BoxPredictor_${i}/${kind}`;
      const across = { kind: 'depthwise', kernel: 3, stride: 1, active: true } as const;
      const seen = parts.layer(
        { name: `${name}_depthwise`, ...across, input: map.width, output: map.width },
        map.x,
      );
      return parts.predict(name, seen, map.width, boxesEach * outputs);
    };
    return { logits: head('ClassPredictor', classes), codes: head('BoxEncodingPredictor', 4) };
  });
  return {
    logits: parts.join(
      'concat_1',
      heads.map(({ logits }) => logits),
    ),
    codes: parts.join(
      'concat',
      heads.map(({ codes }) => codes),
    ),
  };
};

/** The weights of a layer: its kernel, and its batch norm's factor and offset. */
const layerWeights = (weights: Weights, { name, kind, kernel, input, output }: SsdLayer) => ({
  weight: weights.get(
    `${name}/weights`,
    [kernel, kernel, input, kind === 'whole' ? output : 1],
    'convolution',
  ),
  gamma: weights.get(`${name}/BatchNorm/gamma`, [output], 'vector'),
  beta: weights.get(`${name}/BatchNorm/beta`, [output], 'vector'),
});

const predictorWeights = (weights: Weights, name: string, input: number, width: number) => ({
  weight: weights.get(`${name}/weights`, [1, 1, input, width], 'convolution'),
  bias: weights.get(`${name}/biases`, [width], 'vector'),
});

/** Asks for every weight of the detector, computing nothing. */
export const askForSsd = (weights: Weights, classes: number): void => {
  const nothing = (): null => null;
  const parts: SsdParts<null> = {
    layer(layer) {
      layerWeights(weights, layer);
      return null;
    },
    add: nothing,
    predict(name, _, input, width) {
      predictorWeights(weights, name, input, width);
      return null;
    },
    join: nothing,
  };
  buildSsd(parts, null, classes);
};

/**
 * The detector on weights that are trained, its batch norms on given moments.
 * @param pixels `[n, 64, 64, 3]` in `[-1, 1]`.
 */
export const runSsd = (weights: Weights, moments: Moments, pixels: Tensor4D, classes: number): SsdOutput => {
  const parts: SsdParts<Tensor> = {
    layer(layer, x) {
      const { name, kind, stride, active } = layer;
      const { weight, gamma, beta } = layerWeights(weights, layer);
      const convolved =
        kind === 'whole'
          ? conv2d(x as Tensor4D, { weight }, { stride, pad: 'same' })
          : tf.depthwiseConv2d(x as Tensor4D, weight as Tensor4D, stride, 'same');
      const { mean, variance } = moments(name, convolved as Tensor4D);
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
      const y = tf.add(tf.mul(convolved, scale), tf.sub(beta, tf.mul(mean, scale)));
      return active ? tf.clipByValue(y, 0, 6) : y;
    },
    add: (_, a, b) => tf.add(a, b),
    predict(name, x, input, width) {
      const y = conv2d(x as Tensor4D, predictorWeights(weights, name, input, width));
      return tf.reshape(y, [x.shape[0]!, -1, width / boxesEach]);
    },
    join: (_, parts) => tf.concat([...parts], 1),
  };
  return buildSsd(parts, pixels as Tensor, classes) as SsdOutput;
};
