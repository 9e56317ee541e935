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
import type { CheckpointConfigs } from './checkpoint/read-configs.js';
import type { PromptEncoder, TokenRows } from './conditioning/prompt-encoder.js';
import { createNoisePrediction } from './schedule/noise-prediction.js';
import { type StableDiffusionOptions, stableDiffusionOptions } from './stable-diffusion-options.js';
import type { AddedConditions } from './unet/added-embedding.js';
import type { Unet } from './unet/unet.js';
import { decodeInTiles } from './vae/tiled-decode.js';
import type { Vae } from './vae/vae.js';

/** What a Stable Diffusion consists of. */
export interface StableDiffusionParts {
  /** One line that names the checkpoint and its architecture. */
  readonly description: string;
  readonly runtime: Runtime;
  readonly configs: CheckpointConfigs;
  readonly encoder: PromptEncoder;
  readonly vae: Vae;
  readonly unet: Unet;
  /** @default those of the plugin */
  readonly options?: StableDiffusionOptions;
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

/** In kohya's terms. Stable Diffusion 2.x has the parts of 1.x around a wider text encoder. */
const architectureOf = ({ second, text }: CheckpointConfigs): string =>
  second ? 'sdxl_base_v1-0' : text.width === 1024 ? 'sd_v2' : 'sd_v1';

/** Puts a Stable Diffusion together; it owns the weights from then on. */
export function createStableDiffusion(parts: StableDiffusionParts): StableDiffusion {
  const { runtime, encoder, vae, unet } = parts;
  const { schedule, zeroEmptyPrompt } = parts.configs;
  const { guidanceWidth } = parts.configs.unet;
  const { scalingFactor, latentChannels } = parts.configs.vae;
  const { factor } = vae;
  const prediction = createNoisePrediction(schedule);
  const encodeText = runtime.compile('text encoder', (tokens: TokenRows) => ({
    context: encoder.encode(tokens),
  }));
  const [sampleHeight, sampleWidth] = parts.configs.unet.sampleSize ?? defaultSampleSize;
  const { vaeTiles, imitatedGuidance, checkpointing } = parts.options ?? stableDiffusionOptions.parse({});
  const recompute = checkpointing === 'blocks';
  const imitated = guidanceWidth === null ? {} : { guidance: imitatedGuidance - 1 };
  // As large as the checkpoint's own pictures, and large enough for norms to see something.
  const ownSide = Math.max(sampleHeight, sampleWidth, 512 / factor);
  /** Side of a tile in latents; null where latents of this size are decoded in one piece. */
  const tileSide = ({ shape: [, height, width] }: Tensor4D): number | null => {
    const longest = Math.max(height, width);
    if (vaeTiles === 'off') return null;
    if (vaeTiles === 'auto') return longest > 1.5 * ownSide ? ownSide : null;
    const side = Math.max(Math.floor(vaeTiles / factor), 4);
    return longest > side ? side : null;
  };
  const decodeLatents = (latents: Tensor4D): Tensor4D => {
    const side = tileSide(latents);
    return side === null ? vae.decode(latents) : decodeInTiles(vae.decode, latents, { side, factor });
  };
  // SDXL was told how large each of its pictures was and what was cut from it: here nothing is.
  const added = ({ shape: [, height, width] }: Tensor4D, pooled: Tensor2D): AddedConditions => {
    const size = [height * factor, width * factor];
    return { pooled, size: [...size, 0, 0, ...size] };
  };
  let disposed = false;

  async function encodeOne(prompt: string): Promise<Tensor3D> {
    const tokens = encoder.tokens(prompt);
    try {
      const { context } = await encodeText(tokens);
      if (prompt !== '' || !zeroEmptyPrompt) return context;
      const zeros = tf.zerosLike(context);
      context.dispose();
      return zeros;
    } finally {
      tf.dispose(tokens as Record<string, Tensor2D>);
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
    architecture: architectureOf(parts.configs),
    ...(guidanceWidth === null ? {} : { builtInGuidance: imitatedGuidance }),
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
      const { states, pooled } = encoder.unpack(context);
      const conditions = { ...(pooled ? { added: added(latents, pooled) } : {}), ...imitated, recompute };
      const output = unet.predict(latents, timestep, states, adapters, conditions);
      return prediction.noise(output, latents, timestep);
    },
    decode: (latents) => tf.add(tf.mul(decodeLatents(tf.div(latents, scalingFactor)), 0.5), 0.5),
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
