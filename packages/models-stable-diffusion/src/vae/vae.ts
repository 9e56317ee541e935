import { type Tensor4D, tf, type Weights } from '@draft/core';
import { createDense } from '../blocks/dense.js';
import { createDecoder } from './decoder.js';
import { createEncoder } from './encoder.js';
import type { VaeConfig } from './vae-config.js';

/** A normal distribution of latents, independent in each number; both are `[n, h, w, latentChannels]`. */
export interface LatentDistribution {
  readonly mean: Tensor4D;
  /** Natural logarithm of the variance, in `-30..20`. */
  readonly logVariance: Tensor4D;
}

/**
 * The autoencoder of Stable Diffusion (AutoencoderKL). Latents are unscaled: the diffusion model's are theirs
 * times the scaling factor. It owns no tensor; call it inside a tidy or a compiled function.
 */
export interface Vae {
  /** Pixels per latent along each side. */
  readonly factor: number;
  /** Encodes images `[n, H, W, imageChannels]` in `[-1, 1]`, with sides divisible by `factor`. */
  encode(images: Tensor4D): LatentDistribution;
  /** Decodes latents `[n, h, w, latentChannels]` to images around `[-1, 1]`, not clamped. */
  decode(latents: Tensor4D): Tensor4D;
}

/** Puts the autoencoder together and takes all of its weights, by the names that diffusers gives them. */
export function createVae(config: VaeConfig, weights: Weights): Vae {
  const { latentChannels } = config;
  const encoder = createEncoder(config, weights);
  const decoder = createDecoder(config, weights);
  const createPointwise = (name: string, channels: number) =>
    createDense(weights, name, { inFeatures: channels, outFeatures: channels, convolution: true });
  const quant = config.quantConv ? createPointwise('quant_conv', 2 * latentChannels) : null;
  const postQuant = config.postQuantConv ? createPointwise('post_quant_conv', latentChannels) : null;
  return {
    factor: 2 ** (config.blockOutChannels.length - 1),
    encode(images) {
      const encoded = encoder(images);
      const moments = quant ? quant(encoded) : encoded;
      const [mean, logVariance] = tf.split(moments, 2, 3) as [Tensor4D, Tensor4D];
      return { mean, logVariance: tf.clipByValue(logVariance, -30, 20) };
    },
    decode: (latents) => decoder(postQuant ? postQuant(latents) : latents),
  };
}
