import {
  type AdaptableLayer,
  type Adapters,
  DraftError,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type Weights,
} from '@draft/core';
import { createConvolution } from '../blocks/convolution.js';
import { createGroupNormalisation } from '../blocks/group-normalisation.js';
import { createDownBlock } from './down-block.js';
import { createMidBlock } from './mid-block.js';
import { createTimestepEmbedding } from './timestep-embedding.js';
import type { TransformerOptions } from './transformer.js';
import type { UnetBuilder } from './unet-builder.js';
import type { UnetConfig } from './unet-config.js';
import { createUpBlock } from './up-block.js';

/** The denoising network of Stable Diffusion (UNet2DConditionModel). It owns no tensor. */
export interface Unet {
  /** Every layer that a LoRA may adapt, in the order of execution. */
  readonly layers: readonly AdaptableLayer[];
  /**
   * The network's own output, whatever the checkpoint takes it for. Plain tensor code without reading values;
   * call it inside a tidy or a compiled function.
   * @param latents `[n, h, w, inChannels]`, already scaled for the network.
   * @param timestep Scalar, one training timestep for the whole batch; or `[n]`, as pre-training needs it.
   * @param context `[n, tokens, width]`, the text states.
   * @returns `[n, h, w, outChannels]`.
   * @throws DraftError `DRAFT_LATENT_SIZE` where the network cannot restore the size of the latents.
   */
  predict(latents: Tensor4D, timestep: Tensor, context: Tensor3D, adapters?: Adapters): Tensor4D;
}

/** Without padding on top and on the left, halving an odd size loses a row that nothing brings back. */
function requireEvenHalving(latents: Tensor4D, { downsamplePadding, blockOutChannels }: UnetConfig): void {
  const [, height, width] = latents.shape;
  const factor = 2 ** (blockOutChannels.length - 1);
  if (downsamplePadding === 0 && (height % factor !== 0 || width % factor !== 0)) {
    throw new DraftError(
      'DRAFT_LATENT_SIZE',
      `This unet pads nothing where it halves the image, so ${height}×${width} latents do not fit: use sides ` +
        `divisible by ${factor}.`,
    );
  }
}

/** Puts the network together and takes all of its weights, by the names that diffusers gives them. */
export function createUnet(config: UnetConfig, weights: Weights): Unet {
  const { blockOutChannels: channels, layersPerBlock, inChannels, outChannels } = config;
  const last = channels.length - 1;
  const norm = { groups: config.normGroups, epsilon: config.normEpsilon };
  const layers: AdaptableLayer[] = [];
  const builder: UnetBuilder = {
    weights,
    layers,
    norm,
    timeWidth: config.timeEmbeddingWidth,
    linearProjection: config.linearProjection,
  };
  const transformerAt = (level: number, count: number): TransformerOptions => ({
    channels: channels[level]!,
    contextWidth: config.crossAttentionWidth[level]!,
    heads: config.heads[level]!,
    layers: count,
  });

  const embed = createTimestepEmbedding(weights, 'time_embedding', {
    inputWidth: channels[0]!,
    width: config.timeEmbeddingWidth,
    freqShift: config.freqShift,
    flipSinToCos: config.flipSinToCos,
  });
  const convIn = createConvolution(weights, 'conv_in', {
    inChannels,
    outChannels: channels[0]!,
    kernel: config.convInKernel,
  });
  const skipChannels = [channels[0]!];
  const downBlocks = channels.map((width, level) => {
    const downsample = level < last ? config.downsamplePadding : null;
    const images = layersPerBlock[level]! + (downsample === null ? 0 : 1);
    skipChannels.push(...new Array<number>(images).fill(width));
    return createDownBlock(builder, `down_blocks.${level}`, {
      inChannels: channels[Math.max(level - 1, 0)]!,
      outChannels: width,
      layers: layersPerBlock[level]!,
      transformer: config.downAttention[level]
        ? transformerAt(level, config.transformerLayers[level]!)
        : null,
      downsample,
    });
  });
  const midTransformer = transformerAt(last, config.transformerLayers[last]!);
  const midBlock =
    config.mid === 'none'
      ? null
      : createMidBlock(
          builder,
          'mid_block',
          channels[last]!,
          config.mid === 'cross-attention' ? midTransformer : null,
        );
  const upBlocks = channels.map((_, index) => {
    const level = last - index;
    return createUpBlock(builder, `up_blocks.${index}`, {
      inChannels: channels[Math.min(level + 1, last)]!,
      outChannels: channels[level]!,
      skipChannels: skipChannels.splice(-(layersPerBlock[level]! + 1)).reverse(),
      transformer: config.upAttention[index]
        ? transformerAt(level, config.upTransformerLayers[index]!)
        : null,
      upsample: index < last,
    });
  });
  const normOut = createGroupNormalisation(weights, 'conv_norm_out', channels[0]!, {
    ...norm,
    activation: 'silu',
  });
  const convOut = createConvolution(weights, 'conv_out', {
    inChannels: channels[0]!,
    outChannels,
    kernel: config.convOutKernel,
  });

  return {
    layers,
    predict(latents, timestep, context, adapters) {
      requireEvenHalving(latents, config);
      const call = { time: embed(timestep), context, adapters };
      const skips = [convIn(latents)];
      for (const block of downBlocks) skips.push(...block(skips.at(-1)!, call));
      let hidden = skips.at(-1)!;
      if (midBlock) hidden = midBlock(hidden, call);
      for (const block of upBlocks) hidden = block(hidden, skips, call);
      return convOut(normOut(hidden));
    },
  };
}
