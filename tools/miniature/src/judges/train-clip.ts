import {
  createRandomSource as createCoreRandom,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createClip, createPreprocessing, loadTokenizer, parseClipConfig, unitRows } from '@draft/model-clip';
import { createRandomSource, mixSeed } from '../data/random-source.js';
import {
  initialValues,
  listParameters,
  type Parameter,
  parameterCount,
  weightsFrom,
} from '../pretrain/parameters.js';
import { runTraining, towers } from '../pretrain/training-loop.js';
import { drawCaption, drawWrongCaption, truthOf } from './caption-facts.js';
import { clipConfig } from './clip-architecture.js';
import { contrastLoss } from './contrast-loss.js';
import { drawBatch } from './draw-batch.js';
import { side } from './judge-scenes.js';
import type { JudgeTraining } from './judge-training.js';

const batchSize = 64;
/** Captions a picture: a true one, and some with one thing wrong. */
const captionsEach = 3;
/** The factor of the cosines is kept below 100, as CLIP's is. */
const largestScale = Math.log(100);

/** The CLIP judge's weights in one vector. */
export const clipParameters = (vocabularySize: number) => {
  const config = parseClipConfig(clipConfig(vocabularySize));
  return { config, parameters: listParameters((weights) => createClip(config, weights)) };
};

/**
 * As other networks start, but for the branches of the blocks, which are not at zero: two towers that see nothing teach
 * each other nothing.
 */
const initial = (parameters: readonly Parameter[], normal: (count: number) => Float32Array): Float32Array => {
  const values = initialValues(parameters, normal);
  for (const { name, offset, size, shape } of parameters) {
    const part = values.subarray(offset, offset + size);
    if (/(fc2|out_proj)\.weight$/.test(name)) {
      const spread = 0.5 / Math.sqrt(shape[1]!);
      part.set(normal(size).map((value) => spread * value));
    }
    if (name === 'logit_scale') part.fill(Math.log(1 / 0.07));
  }
  return values;
};

/** Trains the CLIP judge on scenes and captions drawn anew from what is known of them, true ones and nearly true ones. */
export const trainClip = async ({ runtime, scenes, soft, folder, tokenizer, steps, peak }: JudgeTraining) => {
  const { encode, length, vocabularySize } = await loadTokenizer(tokenizer);
  const { config, parameters } = clipParameters(vocabularySize);
  console.log(`clip: ${parameterCount(parameters)} parameters`);
  const normalise = createPreprocessing({
    size: side,
    kernel: 'bicubic',
    antialias: true,
    fit: 'crop',
    clamp: true,
  });
  const normal = createCoreRandom(3, 'clip').child('initial');
  return runTraining(runtime, {
    name: 'judge-clip',
    folder,
    parameters,
    steps,
    peakLearningRate: peak,
    warmup: 300,
    initial: () => initial(parameters, (count) => normal.normal(count)),
    batch(step) {
      const random = createRandomSource(mixSeed(31, step));
      const { pictures, facts } = drawBatch({ scenes, soft }, batchSize, random);
      const captions = facts.flatMap((fact) => [
        drawCaption(fact, random),
        ...Array.from({ length: captionsEach - 1 }, () => drawWrongCaption(fact, random)),
      ]);
      const ids = new Int32Array(captions.length * length);
      captions.forEach((caption, i) => {
        ids.set(encode(caption), i * length);
      });
      const rows = batchSize / towers;
      const truth = truthOf(captions, facts, rows);
      return {
        pictures: tf.tensor4d(pictures, [batchSize, side, side, 3]),
        ids: tf.tensor2d(ids, [captions.length, length], 'int32'),
        truth: tf.tensor2d(truth, [batchSize, rows * captionsEach]),
      };
    },
    loss(parts, inputs) {
      const { pictures, ids, truth } = inputs as Record<string, Tensor>;
      const clip = createClip(config, weightsFrom(parameters, parts));
      const images = unitRows(clip.image.embed(normalise(pictures as Tensor4D)));
      const texts = unitRows(clip.text.embed(ids as Tensor2D));
      const scale = tf.exp(tf.minimum(clip.logitScale, largestScale));
      const logits = tf.mul(scale, tf.matMul(images, texts, false, true)) as Tensor2D;
      return contrastLoss(logits, truth as Tensor2D) as Scalar;
    },
  });
};
