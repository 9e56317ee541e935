import {
  conv2d,
  linear,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tf,
  type Weights,
} from '@draft/core';
import { maxPool } from './max-pool.js';
import type { ResnetConfig, ResnetStage } from './resnet-config.js';
import { type LayerNames, layerNames, shortcutNames, stemNames } from './resnet-names.js';

/** A residual network for classification. Plain tensor code, differentiable. */
export interface Resnet {
  readonly config: ResnetConfig;
  /**
   * Logits of the classes, `[n, classes]`.
   * @param pixels `[n, height, width, 3]` of any size, normalised as the checkpoint needs it.
   */
  logits(pixels: Tensor4D): Tensor2D;
}

/** Mean and variance of each channel. */
export interface ChannelMoments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** What batch norms normalise by. */
export interface ResnetOptions {
  /**
   * Moments for the batch norm of a name and its input, as in training. By default the running ones that are stored,
   * with which the norms become part of the convolutions.
   */
  readonly moments?: (norm: string, x: Tensor4D) => ChannelMoments;
}

/** Added to variances, in timm and in transformers. */
const epsilon = 1e-5;

type Layer = (x: Tensor4D) => Tensor4D;

/**
 * Builds a residual network on its weights, named as timm and torchvision name them.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 * @see He et al. 2015, Deep Residual Learning for Image Recognition
 */
export function createResnet(config: ResnetConfig, weights: Weights, options: ResnetOptions = {}): Resnet {
  const { moments } = options;

  /** A convolution and its batch norm. PyTorch's border is the same on all sides, which TensorFlow's is not. */
  const layer = (names: LayerNames, kernel: number, input: number, output: number, stride: 1 | 2): Layer => {
    const { convolution, norm } = names;
    const stored = weights.get(`${convolution}.weight`, [kernel, kernel, input, output], 'convolution');
    const vector = (part: string) => weights.get(`${norm}.${part}`, [output], 'vector');
    const gamma = vector('weight');
    const beta = vector('bias');
    const border = [(kernel - 1) / 2, (kernel - 1) / 2] as const;
    const convolved = (x: Tensor4D, weight: Tensor, bias?: Tensor) =>
      conv2d(x, { weight, bias }, { stride, pad: [border, border] });
    const scaleFor = (variance: Tensor) => tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    if (moments) {
      return (x) => {
        const y = convolved(x, stored);
        const { mean, variance } = moments(norm, y);
        return tf.add(tf.mul(tf.sub(y, mean), scaleFor(variance)), beta);
      };
    }
    const mean = vector('running_mean');
    const variance = vector('running_var');
    return (x) => {
      const scale = scaleFor(variance);
      return convolved(x, tf.mul(stored, scale), tf.sub(beta, tf.mul(mean, scale)));
    };
  };

  const block = (stage: ResnetStage, place: number, index: number, input: number): Layer => {
    const { innerWidth, width } = stage;
    const stride = index === 0 ? stage.stride : 1;
    const own = (part: number) => layerNames(place, index, part);
    const strideOf = (part: number) => (part === config.strideAt ? stride : 1);
    const parts =
      config.block === 'basic'
        ? [layer(own(1), 3, input, innerWidth, strideOf(1)), layer(own(2), 3, innerWidth, width, strideOf(2))]
        : [
            layer(own(1), 1, input, innerWidth, strideOf(1)),
            layer(own(2), 3, innerWidth, innerWidth, strideOf(2)),
            layer(own(3), 1, innerWidth, width, 1),
          ];
    const shortcut: Layer =
      stride === 1 && input === width
        ? (x) => x
        : layer(shortcutNames(place, index), 1, input, width, stride);
    return (x) => {
      const changed = parts.reduce((y, part, i) => part(i === 0 ? y : tf.relu(y)), x);
      return tf.relu(tf.add(changed, shortcut(x)));
    };
  };

  const stem = layer(stemNames, 7, 3, config.stemWidth, 2);
  const blocks = config.stages.flatMap((stage, place) =>
    Array.from({ length: stage.blocks }, (_, index) => {
      const before = place === 0 ? config.stemWidth : config.stages[place - 1]!.width;
      return block(stage, place + 1, index, index === 0 ? before : stage.width);
    }),
  );
  const last = config.stages.at(-1)!.width;
  const weight = weights.get('fc.weight', [config.classes, last], 'linear');
  const bias = weights.get('fc.bias', [config.classes], 'vector') as Tensor1D;

  return {
    config,
    logits(pixels) {
      const features = blocks.reduce((x, next) => next(x), maxPool(tf.relu(stem(pixels)))); // [n, h, w, last]
      return linear(tf.mean(features, [1, 2]) as Tensor2D, { weight, bias }, [], { precise: true });
    },
  };
}
