import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  openNetwork,
  openPlace,
  openPlacedWeights,
  type Runtime,
  readJson,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createVae, parseVaeConfig } from '@draft/model-stable-diffusion';
import { createAtomicFile } from '../data/atomic-file.js';
import { createRandomSource, mixSeed } from '../data/random-source.js';
import { type JudgeScenes, openRawPictures, pictureBytes, side } from './judge-scenes.js';

const batchSize = 32;

/** How many of the first scenes also exist as the autoencoder gives them back. */
export const softScenes = 2048;

/**
 * The first scenes through the miniature's autoencoder, their latents a little noisy, as soft as what the miniature
 * draws; made once and kept in the state's folder.
 * @returns Reads one by its scene's number.
 */
export const openSoftPictures = async (
  runtime: Runtime,
  scenes: JudgeScenes,
  model: string,
  folder: string,
): Promise<(scene: number) => Uint8Array> => {
  const path = join(folder, 'soft.u8');
  if (!existsSync(path)) {
    const place = openPlace(join(model, 'vae'));
    const config = parseVaeConfig(await readJson((await place.file('config.json')) as string));
    const source = await openPlacedWeights(place, { stem: 'diffusion_pytorch_model' });
    const opened = openNetwork(
      source,
      { name: 'autoencoder', build: (weights) => createVae(config, weights) },
      runtime,
    );
    const vae = await opened.load();
    const soften = runtime.compile('soften', ({ images, noise }: { images: Tensor4D; noise: Tensor4D }) => ({
      soft: tf.clipByValue(vae.decode(tf.add(vae.encode(images).mean, noise) as Tensor4D), -1, 1),
    }));
    const file = createAtomicFile(path);
    for (let from = 0; from < softScenes; from += batchSize) {
      const random = createRandomSource(mixSeed(71, from));
      const values = new Float32Array(batchSize * pictureBytes);
      for (let i = 0; i < batchSize; i++) {
        scenes.read(from + i).forEach((byte, j) => {
          values[i * pictureBytes + j] = byte / 127.5 - 1;
        });
      }
      const images = tf.tensor4d(values, [batchSize, side, side, 3]);
      const noise = tf.tidy(() => {
        // Latents have a spread of 1 / scaling_factor.
        const strength = Array.from(
          { length: batchSize },
          () => random.between(0, 0.3) / config.scalingFactor,
        );
        const shape: [number, number, number, number] = [batchSize, 8, 8, config.latentChannels];
        const normal = Float32Array.from({ length: batchSize * 64 * config.latentChannels }, () =>
          random.bell(),
        );
        return tf.mul(tf.tensor4d(normal, shape), tf.tensor4d(strength, [batchSize, 1, 1, 1])) as Tensor4D;
      });
      const { soft } = await soften({ images, noise });
      file.append(
        Uint8Array.from(soft.dataSync() as Float32Array, (value) => Math.round((value + 1) * 127.5)),
      );
      tf.dispose([images, noise, soft]);
      if (from % 512 === 0) console.log(`soft pictures ${from}/${softScenes}`);
    }
    file.commit();
    soften.dispose();
    opened.dispose();
  }
  return openRawPictures(path);
};
