import {
  type Conditioning,
  type DiffusionModel,
  DraftError,
  type Runtime,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '@draft/core';
import type { TextTower } from '@draft/model-clip';
import type { CheckpointConfigs } from './checkpoint/read-configs.js';
import { createNoisePrediction } from './schedule/noise-prediction.js';
import type { Unet } from './unet/unet.js';
import type { Vae } from './vae/vae.js';

/** What a Stable Diffusion consists of. */
export interface StableDiffusionParts {
  /** One line that names the checkpoint and its architecture. */
  readonly description: string;
  readonly runtime: Runtime;
  readonly configs: CheckpointConfigs;
  readonly textTower: TextTower;
  readonly vae: Vae;
  readonly unet: Unet;
  /** Frees the weights; called once. */
  readonly dispose: () => void;
}

/** Stable Diffusion as a diffusion model, and the way from images to its latents. */
export interface StableDiffusion extends DiffusionModel {
  /**
   * The latents of images: the mean of the encoder's distribution, times the scaling factor.
   * @param images `[n, height, width, 3]` in `[0, 1]`, sides divisible by the autoencoder's factor.
   * @returns `[n, height / factor, width / factor, channels]`.
   */
  encodeImages(images: Tensor4D): Tensor4D;
}

/** Latent side that diffusers assumes where the configuration does not say. */
const defaultSampleSize = [64, 64] as const;

/** Puts a Stable Diffusion together; it owns the weights from then on. */
export function createStableDiffusion(parts: StableDiffusionParts): StableDiffusion {
  const { runtime, textTower, vae, unet } = parts;
  const { schedule, tokenizer } = parts.configs;
  const { scalingFactor, latentChannels } = parts.configs.vae;
  const { factor } = vae;
  const prediction = createNoisePrediction(schedule);
  const encodeText = runtime.compile('text encoder', (inputs: { ids: Tensor2D }) => ({
    context: textTower.hiddenStates(inputs.ids),
  }));
  const [sampleHeight, sampleWidth] = parts.configs.unet.sampleSize ?? defaultSampleSize;
  let disposed = false;

  async function encodeOne(prompt: string): Promise<Tensor3D> {
    const ids = tf.tensor2d(tokenizer.encode(prompt), [1, tokenizer.length], 'int32');
    try {
      return (await encodeText({ ids })).context;
    } finally {
      ids.dispose();
    }
  }

  async function encode(prompts: readonly string[]): Promise<Conditioning> {
    if (!prompts.length) {
      throw new DraftError('DRAFT_PROMPT_MISSING', 'There is no prompt to encode: give at least one.');
    }
    const states = new Map<string, Tensor3D>();
    try {
      // One by one, so that one recorded graph serves any number of prompts.
      for (const prompt of prompts) if (!states.has(prompt)) states.set(prompt, await encodeOne(prompt));
      return { context: tf.concat(prompts.map((prompt) => states.get(prompt)!)) };
    } finally {
      for (const tensor of states.values()) tensor.dispose();
    }
  }

  return {
    description: parts.description,
    schedule,
    imageSize: { height: sampleHeight * factor, width: sampleWidth * factor },
    layers: unet.layers,
    // Stable Diffusion 2.x has the same parts around a wider text encoder.
    architecture: textTower.config.width === 1024 ? 'sd_v2' : 'sd_v1',
    latentShape(height, width) {
      for (const [name, side] of [
        ['height', height],
        ['width', width],
      ] as const) {
        if (!Number.isSafeInteger(side) || side < factor || side % factor !== 0) {
          throw new DraftError(
            'DRAFT_IMAGE_SIZE',
            `The image ${name} must be a multiple of ${factor} pixels for this model, not ${side}.`,
          );
        }
      }
      return [height / factor, width / factor, latentChannels];
    },
    encode,
    predict(latents, timestep, { context }, adapters) {
      return prediction.noise(unet.predict(latents, timestep, context, adapters), latents, timestep);
    },
    decode: (latents) => tf.add(tf.mul(vae.decode(tf.div(latents, scalingFactor)), 0.5), 0.5),
    encodeImages: (images) => tf.mul(vae.encode(tf.sub(tf.mul(images, 2), 1)).mean, scalingFactor),
    dispose() {
      if (disposed) return;
      disposed = true;
      encodeText.dispose();
      prediction.dispose();
      parts.dispose();
    },
  };
}
