import { join } from 'node:path';
import { createRandomSource, type Runtime, type Scalar, type Tensor, type Tensor4D, tf } from '@draft/core';
import { createVae, parseVaeConfig } from '@draft/model-stable-diffusion';
import { vaeConfig } from './architecture.js';
import { initialValues, listParameters, weightsFrom } from './parameters.js';
import { openPictures } from './pictures.js';
import { runTraining } from './training-loop.js';

const batchSize = 16;

/** Mean absolute difference of neighbouring pixels' differences: what makes edges sharp. */
const edgeLoss = (a: Tensor4D, b: Tensor4D): Scalar => {
  const difference = tf.sub(a, b) as Tensor4D;
  const [n, height, width, channels] = difference.shape;
  const down = tf.sub(
    tf.slice(difference, [0, 1, 0, 0], [n, height - 1, width, channels]),
    tf.slice(difference, [0, 0, 0, 0], [n, height - 1, width, channels]),
  );
  const across = tf.sub(
    tf.slice(difference, [0, 0, 1, 0], [n, height, width - 1, channels]),
    tf.slice(difference, [0, 0, 0, 0], [n, height, width - 1, channels]),
  );
  return tf.add(tf.mean(tf.abs(down)), tf.mean(tf.abs(across)));
};

/** Trains the autoencoder: absolute error, edges, and a weak pull of the latents towards `N(0, 1)`. */
export const trainVae = async (
  runtime: Runtime,
  data: string,
  folder: string,
  steps: number,
  peakLearningRate: number,
) => {
  const config = parseVaeConfig(vaeConfig);
  const parameters = listParameters((weights) => createVae(config, weights));
  const random = createRandomSource(1, 'vae');
  const sources = [openPictures(join(data, 'vae.u8')), openPictures(join(data, 'scenes.u8'))];
  return runTraining(runtime, {
    name: 'vae',
    folder,
    parameters,
    steps,
    peakLearningRate,
    initial: () => initialValues(parameters, (count) => random.child('initial').normal(count)),
    batch(step) {
      const draw = random.child('batch', step);
      const source = sources[step % 2] as (typeof sources)[number];
      const numbers = Array.from({ length: batchSize }, () => draw.integer(0, source.count - 1));
      return {
        images: source.read(numbers),
        noise: tf.tensor4d(draw.normal(batchSize * 8 * 8 * 8), [batchSize, 8, 8, 8]),
      };
    },
    loss(parts, { images, noise }) {
      const vae = createVae(config, weightsFrom(parameters, parts));
      const { mean, logVariance } = vae.encode(images as Tensor4D);
      const latents = tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), noise as Tensor)) as Tensor4D;
      const decoded = vae.decode(latents);
      const divergence = tf.mul(
        0.5,
        tf.mean(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(1, logVariance))),
      );
      const absolute = tf.mean(tf.abs(tf.sub(decoded, images as Tensor)));
      return tf.addN([absolute, edgeLoss(decoded, images as Tensor4D), tf.mul(3e-4, divergence)]) as Scalar;
    },
  });
};
