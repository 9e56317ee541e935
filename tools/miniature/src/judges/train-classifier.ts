import {
  createRandomSource as createCoreRandom,
  type Scalar,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createResnet, type ResnetConfig } from '@draft/reward-adversarial';
import { animalNames } from '../data/animals.js';
import { createRandomSource, mixSeed } from '../data/random-source.js';
import {
  initialValues,
  listParameters,
  type Parameter,
  parameterCount,
  weightsFrom,
} from '../pretrain/parameters.js';
import { runTraining } from '../pretrain/training-loop.js';
import { drawBatch, showsOneAnimal } from './draw-batch.js';
import { side } from './judge-scenes.js';
import type { JudgeTraining } from './judge-training.js';
import { batchMoments, measureMoments } from './measure-moments.js';

const batchSize = 128;
const widths = [32, 64, 96, 128] as const;
/** The share of a target that goes to all classes alike, so that the classifier stays unsure, and its gradient alive. */
const smoothing = 0.1;

/** The statistics that pictures are normalised by: those of ImageNet, which ResNets expect. */
export const imagenetStatistics = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

/** A ResNet of four basic blocks, 64 × 64 pixels to 45 animals. */
export const resnetConfig: ResnetConfig = {
  stemWidth: widths[0],
  stages: widths.map((width, index) => ({
    blocks: 1,
    innerWidth: width,
    width,
    stride: index === 0 ? 1 : 2,
  })),
  block: 'basic',
  strideAt: 1,
  classes: animalNames.length,
};

/** The classifier's weights in one vector, without the moments of its batch norms. */
export const classifierParameters = (): readonly Parameter[] =>
  listParameters((weights) => createResnet(resnetConfig, weights, { moments: batchMoments }));

const normalise = (pictures: Tensor): Tensor4D =>
  tf.div(
    tf.sub(pictures, tf.tensor1d([...imagenetStatistics.mean])),
    tf.tensor1d([...imagenetStatistics.deviation]),
  );

/** Convolutions at `N(0, 2 / fan_in)`, the last norm of each block at zero, so that a block starts as the identity. */
const initial = (parameters: readonly Parameter[], normal: (count: number) => Float32Array): Float32Array => {
  const values = initialValues(parameters, normal);
  for (const { name, layout, offset, size, shape } of parameters) {
    const part = values.subarray(offset, offset + size);
    if (layout === 'convolution') {
      const spread = Math.sqrt((2 * shape[3]!) / size);
      part.set(normal(size).map((value) => spread * value));
    }
    if (/\.bn2\.weight$/.test(name)) part.fill(0);
  }
  return values;
};

/** Trains the classifier: cross entropy with smoothed targets, batch norms on the moments of each half batch. */
export const trainClassifier = async ({ runtime, scenes, soft, folder, steps, peak }: JudgeTraining) => {
  const parameters = classifierParameters();
  console.log(`classifier: ${parameterCount(parameters)} parameters`);
  const normal = createCoreRandom(4, 'classifier').child('initial');
  return runTraining(runtime, {
    name: 'judge-classifier',
    folder,
    parameters,
    steps,
    peakLearningRate: peak,
    warmup: 80,
    initial: () => initial(parameters, (count) => normal.normal(count)),
    batch(step) {
      const random = createRandomSource(mixSeed(32, step));
      const { pictures, facts } = drawBatch({ scenes, soft }, batchSize, random, showsOneAnimal);
      const labels = facts.map(({ objects }) => animalNames.indexOf(objects[0]!.label));
      return {
        pictures: tf.tensor4d(pictures, [batchSize, side, side, 3]),
        labels: tf.tensor1d(labels, 'int32'),
      };
    },
    loss(parts, inputs) {
      const { pictures, labels } = inputs as Record<string, Tensor>;
      const weights = weightsFrom(parameters, parts);
      const resnet = createResnet(resnetConfig, weights, { moments: batchMoments });
      const logits = resnet.logits(normalise(pictures!));
      const classes = resnetConfig.classes;
      const wanted = tf.add(
        tf.mul(tf.cast(tf.oneHot(labels!, classes), 'float32'), 1 - smoothing),
        smoothing / classes,
      );
      return tf.neg(tf.mean(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)), 1))) as Scalar;
    },
  });
};

/** The moments of the classifier's batch norms over 1,536 training pictures. */
export const classifierMoments = (
  { runtime, scenes, soft }: Pick<JudgeTraining, 'runtime' | 'scenes' | 'soft'>,
  values: Float32Array,
) =>
  measureMoments(runtime, {
    parameters: classifierParameters(),
    values,
    batches: 12,
    draw(batch) {
      const random = createRandomSource(mixSeed(33, batch));
      return drawBatch({ scenes, soft }, batchSize, random, showsOneAnimal).pictures;
    },
    run: (weights, moments, pictures) => {
      createResnet(resnetConfig, weights, { moments }).logits(normalise(pictures));
    },
  });
