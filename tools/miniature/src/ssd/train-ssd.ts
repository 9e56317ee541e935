import {
  createRandomSource as createCoreRandom,
  type Scalar,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createRandomSource, mixSeed } from '../data/random-source.js';
import { focal } from '../judges/detector-loss.js';
import { detectorLabels } from '../judges/detector-targets.js';
import { drawBatch } from '../judges/draw-batch.js';
import { side } from '../judges/judge-scenes.js';
import type { JudgeTraining } from '../judges/judge-training.js';
import { batchMoments, measureMoments } from '../judges/measure-moments.js';
import { listParameters, type Parameter, parameterCount, weightsFrom } from '../pretrain/parameters.js';
import { runTraining } from '../pretrain/training-loop.js';
import { anchors } from './ssd-architecture.js';
import { askForSsd, runSsd } from './ssd-network.js';
import { type SsdTargets, ssdTargets } from './ssd-targets.js';

const batchSize = 64;
const labels = detectorLabels.length;

/** The detector's weights in one vector, without the moments of its batch norms. */
export const ssdParameters = (): readonly Parameter[] =>
  listParameters((weights) => askForSsd(weights, labels));

/**
 * Convolutions at `N(0, 2 / fan_in)`, batch norms at one, the last of each block that adds to its input at zero, and odds
 * of e⁻⁴ for everything.
 */
const initial = (parameters: readonly Parameter[], normal: (count: number) => Float32Array): Float32Array => {
  const values = new Float32Array(parameterCount(parameters));
  for (const { name, shape, offset, size } of parameters) {
    const part = values.subarray(offset, offset + size);
    if (name.endsWith('gamma')) part.fill(1);
    else if (/ClassPredictor\/biases$/.test(name)) part.fill(-4);
    else if (name.endsWith('weights')) {
      const fanIn = shape[3] === 1 ? shape[0]! * shape[1]! : size / shape[3]!;
      const spread = /Predictor\/weights$/.test(name) ? 0.01 : Math.sqrt(2 / fanIn);
      part.set(normal(size).map((value) => spread * value));
    }
  }
  return values;
};

/** Pictures in `[0, 1]` as the network reads them. */
const scaled = (pictures: Tensor): Tensor4D => tf.sub(tf.mul(pictures, 2), 1) as Tensor4D;

/** `½ x²` near 0, `|x| − ½` from 1 on. */
const smoothDistance = (x: Tensor): Tensor => {
  const away = tf.abs(x);
  const near = tf.minimum(away, 1);
  return tf.sub(tf.mul(near, away), tf.mul(0.5, tf.square(near)));
};

/** Trains the small SSD: focal loss of the classes, distance of the boxes, batch norms on the moments of a batch. */
export const trainSsd = async ({ runtime, scenes, soft, folder, steps, peak }: JudgeTraining) => {
  const parameters = ssdParameters();
  console.log(`ssd: ${parameterCount(parameters)} parameters, ${anchors.length} boxes`);
  const normal = createCoreRandom(7, 'ssd').child('initial');
  return runTraining(runtime, {
    name: 'judge-ssd',
    folder,
    parameters,
    steps,
    peakLearningRate: peak,
    warmup: 200,
    initial: () => initial(parameters, (count) => normal.normal(count)),
    batch(step) {
      const random = createRandomSource(mixSeed(37, step));
      const { pictures, facts, movements } = drawBatch({ scenes, soft }, batchSize, random);
      const targets = facts.map(({ objects }, i) => ssdTargets(objects, movements[i]!));
      const joined = (part: keyof SsdTargets, width = 1): Float32Array => {
        const all = new Float32Array(batchSize * anchors.length * width);
        targets.forEach((target, i) => {
          all.set(target[part], i * anchors.length * width);
        });
        return all;
      };
      const shape: [number, number] = [batchSize, anchors.length];
      return {
        pictures: tf.tensor4d(pictures, [batchSize, side, side, 3]),
        named: tf.tensor2d(joined('named'), shape, 'int32'),
        free: tf.tensor2d(joined('free'), shape, 'int32'),
        codes: tf.tensor3d(joined('codes', 4), [...shape, 4]),
      };
    },
    loss(parts, inputs): Scalar {
      const { pictures, named, free, codes } = inputs as Record<string, Tensor>;
      const found = runSsd(weightsFrom(parameters, parts), batchMoments, scaled(pictures!), labels);
      // A label past the last is none.
      const classes = tf.cast(tf.oneHot(named!, labels), 'float32');
      const counted = tf.sub(1, tf.cast(tf.oneHot(free!, labels), 'float32'));
      const mask = tf.cast(tf.less(named!, labels), 'float32'); // [n, boxes]
      const matched = tf.maximum(tf.sum(mask), 1);
      const misnamed = tf.sum(tf.mul(counted, focal(found.logits, classes)));
      const apart = tf.sum(tf.mul(mask, tf.sum(smoothDistance(tf.sub(found.codes, codes!)), -1)));
      return tf.div(tf.add(tf.mul(4, misnamed), apart), matched) as Scalar;
    },
  });
};

/** The moments of the batch norms over 2,560 training pictures. */
export const ssdMoments = (
  { runtime, scenes, soft }: Pick<JudgeTraining, 'runtime' | 'scenes' | 'soft'>,
  values: Float32Array,
) =>
  measureMoments(runtime, {
    parameters: ssdParameters(),
    values,
    batches: 40,
    draw: (batch) => drawBatch({ scenes, soft }, batchSize, createRandomSource(mixSeed(38, batch))).pictures,
    run: (weights, moments, pictures) => {
      runSsd(weights, moments, scaled(pictures), labels);
    },
  });
