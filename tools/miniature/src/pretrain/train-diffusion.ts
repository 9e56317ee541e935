import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createRandomSource,
  type Runtime,
  readSafetensors,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
  writeSafetensors,
} from '@draft/core';
import { createTextTower, loadTokenizer, parseTextConfig } from '@draft/model-clip';
import {
  createUnet,
  createVae,
  parseNoiseSchedule,
  parseUnetConfig,
  parseVaeConfig,
} from '@draft/model-stable-diffusion';
import { schedulerConfig, textConfig, unetConfig, vaeConfig } from './architecture.js';
import { initialValues, listParameters, parameterCount, weightsFrom } from './parameters.js';
import { openPictures, readCaptions } from './pictures.js';
import { runTraining } from './training-loop.js';

const batchSize = 64;
const latentSize = 8 * 8 * 8;

/** All scenes as latents of the trained autoencoder, and the factor that makes their spread 1; kept in a file. */
export const encodeScenes = async (
  runtime: Runtime,
  data: string,
  folder: string,
  vaeWeights: Float32Array,
) => {
  const path = join(folder, 'latents.safetensors');
  if (!existsSync(path)) {
    const config = parseVaeConfig(vaeConfig);
    const parameters = listParameters((weights) => createVae(config, weights));
    const pictures = openPictures(join(data, 'scenes.u8'));
    const latents = new Float32Array(pictures.count * latentSize);
    const parts = parameters.map(({ offset, size, shape }) =>
      tf.tensor(vaeWeights.subarray(offset, offset + size), [...shape]),
    );
    const vae = createVae(config, weightsFrom(parameters, parts));
    const encode = runtime.compile('encode', ({ images }: { images: Tensor4D }) => ({
      mean: vae.encode(images).mean,
    }));
    for (let from = 0; from < pictures.count; from += batchSize) {
      const numbers = Array.from({ length: Math.min(batchSize, pictures.count - from) }, (_, i) => from + i);
      const images = pictures.read(numbers);
      const { mean } = await encode({ images });
      latents.set(mean.dataSync() as Float32Array, from * latentSize);
      tf.dispose([images, mean]);
    }
    encode.dispose();
    tf.dispose(parts);
    writeSafetensors(path, { latents: { shape: [pictures.count, 8, 8, 8], data: latents } });
  }
  const latents = readSafetensors(path).tensors.get('latents')?.data as Float32Array;
  let [sum, squares] = [0, 0];
  for (const value of latents) {
    sum += value;
    squares += value * value;
  }
  const spread = Math.sqrt(squares / latents.length - (sum / latents.length) ** 2);
  return { latents, scale: Number((1 / spread).toPrecision(5)) };
};

/** The text encoder's and the UNet's weights in one vector; the text encoder's names carry `text.`. */
export const diffusionParameters = (vocabularySize: number) => {
  const text = parseTextConfig(textConfig(vocabularySize));
  const unet = parseUnetConfig(unetConfig);
  const parameters = listParameters((weights) => {
    createTextTower(text, {
      has: (name) => name.startsWith('text_model.'),
      get: (name, shape, layout) => weights.get(`text.${name}`, shape, layout),
    });
    createUnet(unet, weights);
  });
  return { parameters, text, unet };
};

/** Trains UNet and text encoder together on `v = √ᾱ ε − √(1−ᾱ) x₀`. */
export const trainDiffusion = async (
  runtime: Runtime,
  data: string,
  folder: string,
  tokenizerFolder: string,
  vaeWeights: Float32Array,
  steps: number,
  peakLearningRate: number,
) => {
  const tokenizer = await loadTokenizer(tokenizerFolder);
  const { parameters, text, unet } = diffusionParameters(tokenizer.vocabularySize);
  console.log(`diffusion: ${parameterCount(parameters)} parameters`);
  const { latents, scale } = await encodeScenes(runtime, data, folder, vaeWeights);
  const ids = readCaptions(join(data, 'scenes.jsonl')).map((caption) => tokenizer.encode(caption));
  const { alphasCumprod } = parseNoiseSchedule(schedulerConfig);
  const random = createRandomSource(2, 'diffusion');
  const average = await runTraining(runtime, {
    name: 'diffusion',
    folder,
    parameters,
    steps,
    peakLearningRate,
    initial: () => initialValues(parameters, (count) => random.child('initial').normal(count)),
    batch(step) {
      const draw = random.child('batch', step);
      const x = new Float32Array(batchSize * latentSize);
      const tokens = new Int32Array(batchSize * tokenizer.length);
      const [times, signal, noisy] = [[], [], []] as [number[], number[], number[]];
      for (let i = 0; i < batchSize; i++) {
        const scene = draw.integer(0, ids.length - 1);
        for (let j = 0; j < latentSize; j++)
          x[i * latentSize + j] = scale * (latents[scene * latentSize + j] as number);
        tokens.set(ids[scene] as Int32Array, i * tokenizer.length);
        const t = draw.integer(0, alphasCumprod.length - 1);
        times.push(t);
        signal.push(Math.sqrt(alphasCumprod[t] as number));
        noisy.push(Math.sqrt(1 - (alphasCumprod[t] as number)));
      }
      return {
        x: tf.tensor4d(x, [batchSize, 8, 8, 8]),
        noise: tf.tensor4d(draw.normal(batchSize * latentSize), [batchSize, 8, 8, 8]),
        times: tf.tensor1d(times),
        signal: tf.tensor4d(signal, [batchSize, 1, 1, 1]),
        noisy: tf.tensor4d(noisy, [batchSize, 1, 1, 1]),
        ids: tf.tensor2d(tokens, [batchSize, tokenizer.length], 'int32'),
      };
    },
    loss(parts, inputs) {
      const { x, noise, times, signal, noisy, ids: tokens } = inputs as Record<string, Tensor>;
      const weights = weightsFrom(parameters, parts);
      const tower = createTextTower(text, {
        has: (name) => name.startsWith('text_model.'),
        get: (name, shape, layout) => weights.get(`text.${name}`, shape, layout),
      });
      const context = tower.hiddenStates(tokens as Tensor2D) as Tensor3D;
      const state = tf.add(tf.mul(signal!, x!), tf.mul(noisy!, noise!)) as Tensor4D;
      const target = tf.sub(tf.mul(signal!, noise!), tf.mul(noisy!, x!));
      const velocity = createUnet(unet, weights).predict(state, times!, context);
      return tf.mean(tf.squaredDifference(velocity, target)) as Scalar;
    },
  });
  return { average, parameters, scale };
};

/** The averaged weights in a saved training state. */
export const averageOf = (path: string): Float32Array => {
  const bytes = readFileSync(path);
  const size = (bytes.length - 8) / 16;
  const buffer = bytes.buffer.slice(bytes.byteOffset + 8 + 4 * size, bytes.byteOffset + 8 + 8 * size);
  return new Float32Array(buffer as ArrayBuffer);
};
