import {
  type AdaptableLayer,
  type Adapters,
  DraftError,
  silu,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
  type Weights,
} from '@draft/core';
import { createConvolution } from '../blocks/convolution.js';
import { createGroupNormalisation } from '../blocks/group-normalisation.js';
import { type AddedConditions, createAddedEmbedding } from './added-embedding.js';
import { createDownBlock } from './down-block.js';
import { createMidBlock } from './mid-block.js';
import { sinusoids } from './sinusoids.js';
import { createTimestepEmbedding } from './timestep-embedding.js';
import type { TransformerOptions } from './transformer.js';
import type { UnetBuilder } from './unet-builder.js';
import type { UnetConfig } from './unet-config.js';
import { createUpBlock } from './up-block.js';

/** What a network reads besides latents, timestep and text states; which of it depends on the network. */
export interface UnetConditions {
  /** Needed where the configuration has an `addedEmbedding`. */
  readonly added?: AddedConditions;
  /** Guidance that a distilled network imitates, as `guidance scale − 1`; needed where there is a `guidanceWidth`. */
  readonly guidance?: number;
  /**
   * Whether stages, a residual block with the transformer after it, keep nothing for their gradients but their arguments and
   * are computed again: less memory, one forward pass more. @default false
   */
  readonly recompute?: boolean;
}

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
   * @param conditions What SDXL and distilled networks read too.
   * @returns `[n, h, w, outChannels]`.
   * @throws DraftError `DRAFT_LATENT_SIZE` where the network cannot restore the size of the latents.
   */
  predict(
    latents: Tensor4D,
    timestep: Tensor,
    context: Tensor3D,
    adapters?: Adapters,
    conditions?: UnetConditions,
  ): Tensor4D;
}

const missing = (what: string): DraftError =>
  new DraftError('DRAFT_CONDITION_MISSING', `This unet reads ${what} too, but was given none.`);

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

  const { freqShift, flipSinToCos, addedEmbedding, guidanceWidth } = config;
  const wave = { freqShift, flipSinToCos };
  const embed = createTimestepEmbedding(weights, 'time_embedding', {
    ...wave,
    inputWidth: channels[0]!,
    width: config.timeEmbeddingWidth,
    guidanceWidth,
  });
  const embedAdded =
    addedEmbedding &&
    createAddedEmbedding(weights, 'add_embedding', {
      ...addedEmbedding,
      ...wave,
      width: config.timeEmbeddingWidth,
    });
  // The guidance is embedded a thousandfold, sines first, by frequencies that reach the lowest (LCM).
  const embedGuidance =
    guidanceWidth === null
      ? null
      : sinusoids({ inputWidth: guidanceWidth, freqShift: 1, flipSinToCos: false });
  // With the SiLU that every residual block applies to it first.
  const timeOf = (timestep: Tensor, { added, guidance }: UnetConditions): Tensor2D => {
    if (embedAdded && !added) throw missing('a pooled text embedding and the size of the picture');
    if (embedGuidance && guidance === undefined) throw missing('the guidance that it imitates');
    const strength =
      embedGuidance && guidance !== undefined ? embedGuidance(tf.tensor1d([1000 * guidance])) : undefined;
    const time = embed(timestep, strength); // [1 or n, timeEmbeddingWidth]
    return silu(embedAdded && added ? tf.add(time, embedAdded(added)) : time);
  };
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
    last: true,
  });

  return {
    layers,
    predict(latents, timestep, context, adapters, conditions = {}) {
      requireEvenHalving(latents, config);
      const { recompute = false } = conditions;
      const call = { time: timeOf(timestep, conditions), context, adapters, recompute };
      const skips = [convIn(latents)];
      for (const block of downBlocks) skips.push(...block(skips.at(-1)!, call));
      let hidden = skips.at(-1)!;
      if (midBlock) hidden = midBlock(hidden, call);
      for (const block of upBlocks) hidden = block(hidden, skips, call);
      return convOut(normOut(hidden));
    },
  };
}
