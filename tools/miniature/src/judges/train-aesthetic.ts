import { join } from 'node:path';
import {
  createRandomSource as createCoreRandom,
  type Runtime,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  type TensorSource,
  tf,
  type Weights,
} from '@draft/core';
import { clipL14, createPreprocessing, loadImageEmbedder, unitRows } from '@draft/model-clip';
import { createAestheticHead } from '@draft/reward-aesthetic';
import { createRandomSource, mixSeed } from '../data/random-source.js';
import { initialValues, listParameters, parameterCount, weightsFrom } from '../pretrain/parameters.js';
import { runTraining } from '../pretrain/training-loop.js';
import { drawBatch } from './draw-batch.js';
import { pictureBytes, side } from './judge-scenes.js';
import type { JudgeTraining } from './judge-training.js';
import { measureTraits, preference } from './preference.js';

/** Widths of the head between CLIP's embedding and the score; LAION's are 768, 1024, 128, 64, 16, 1. */
const widths = [96, 128, 64, 32, 16, 1] as const;
/** Indices of the linear maps of LAION's head with activations. */
const layers = [0, 3, 6, 9, 11] as const;
/** The score in the middle of the scale, from which training starts. */
const middle = 5.5;

const embedded = 10_240;
const chunk = 128;
const batchSize = 512;

/** A file that would hold the head: names and shapes alone. */
const headSource: TensorSource = {
  path: 'aesthetic head',
  entries: new Map(
    layers.flatMap((layer, index) => {
      const shape = [widths[index + 1]!, widths[index]!];
      const entry = (of: readonly number[]) => ({ dtype: 'F16', shape: of, byteLength: 0 }) as const;
      return [
        [`layers.${layer}.weight`, entry(shape)] as const,
        [`layers.${layer}.bias`, entry(shape.slice(0, 1))] as const,
      ];
    }),
  ),
  read: () => new Uint8Array(),
  close: () => {},
};

const buildHead = (weights: Weights) => createAestheticHead(headSource, widths[0])(weights);

/** The head's weights in one vector. */
export const aestheticParameters = () => listParameters(buildHead);

/** Embeddings of length 1 by the CLIP judge of changed pictures, and what the preference says of each. */
const embedPictures = async (
  runtime: Runtime,
  clipFolder: string,
  count: number,
  draw: (from: number) => { readonly pictures: Float32Array },
) => {
  const context = { runtime, log: console.log };
  const clip = await loadImageEmbedder({ checkpoint: clipFolder, architecture: clipL14, context });
  const preprocess = createPreprocessing({
    size: side,
    kernel: 'bicubic',
    antialias: true,
    fit: 'crop',
    clamp: true,
  });
  const embed = runtime.compile('embed', ({ images }: { images: Tensor4D }) => ({
    rows: unitRows(clip.network.embed(preprocess(images))),
  }));
  const embeddings = new Float32Array(count * widths[0]);
  const scores = new Float32Array(count);
  for (let from = 0; from < count; from += chunk) {
    const { pictures } = draw(from);
    for (let i = 0; i < chunk; i++) {
      scores[from + i] = preference(
        measureTraits(pictures.subarray(i * pictureBytes, (i + 1) * pictureBytes)),
      );
    }
    const images = tf.tensor4d(pictures, [chunk, side, side, 3]);
    const { rows } = await embed({ images });
    embeddings.set(rows.dataSync() as Float32Array, from * widths[0]);
    tf.dispose([images, rows]);
  }
  embed.dispose();
  clip.dispose();
  return { embeddings, scores };
};

/** Trains the head: squared error to the made-up preference. Prints how much of its variance the head explains. */
export const trainAesthetic = async ({
  runtime,
  scenes,
  soft,
  folder,
  judges,
  steps,
  peak,
}: JudgeTraining) => {
  const parameters = aestheticParameters();
  console.log(`aesthetic: ${parameterCount(parameters)} parameters`);
  const { embeddings, scores } = await embedPictures(runtime, join(judges, 'clip'), embedded, (from) =>
    drawBatch({ scenes, soft }, chunk, createRandomSource(mixSeed(34, from))),
  );
  const training = embedded - 1024;
  const normal = createCoreRandom(5, 'aesthetic').child('initial');
  const average = await runTraining(runtime, {
    name: 'judge-aesthetic',
    folder,
    parameters,
    steps,
    peakLearningRate: peak,
    warmup: 100,
    initial() {
      const values = initialValues(parameters, (count) => normal.normal(count));
      const last = parameters.find(({ name }) => name === 'layers.11.bias');
      if (last) values[last.offset] = middle;
      return values;
    },
    batch(step) {
      const random = createRandomSource(mixSeed(35, step));
      const rows = new Float32Array(batchSize * widths[0]);
      const wanted = new Float32Array(batchSize);
      for (let i = 0; i < batchSize; i++) {
        const at = random.integer(training);
        rows.set(embeddings.subarray(at * widths[0], (at + 1) * widths[0]), i * widths[0]);
        wanted[i] = scores[at]!;
      }
      return { rows: tf.tensor2d(rows, [batchSize, widths[0]]), wanted: tf.tensor2d(wanted, [batchSize, 1]) };
    },
    loss(parts, inputs) {
      const { rows, wanted } = inputs as Record<string, Tensor>;
      const head = buildHead(weightsFrom(parameters, parts));
      return tf.mean(tf.squaredDifference(head.rate(rows as Tensor2D), wanted!)) as Scalar;
    },
  });
  const explained = tf.tidy(() => {
    const parts = parameters.map(({ offset, size, shape }) =>
      tf.tensor(average.subarray(offset, offset + size), [...shape]),
    );
    const held = tf.tensor2d(embeddings.subarray(training * widths[0]), [embedded - training, widths[0]]);
    const wanted = tf.tensor2d(scores.subarray(training), [embedded - training, 1]);
    const rated = buildHead(weightsFrom(parameters, parts)).rate(held);
    const variance = tf.moments(wanted).variance;
    return 1 - (tf.div(tf.mean(tf.squaredDifference(rated, wanted)), variance).dataSync()[0] as number);
  });
  console.log(`aesthetic: explains ${(100 * explained).toFixed(1)} % of the preference's variance`);
  return average;
};
