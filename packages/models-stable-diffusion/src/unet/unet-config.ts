import { type ConfigReader, readConfig } from '../config/config-reader.js';

/** The embedding of the pooled text and of six numbers about the picture's size. */
export interface AddedEmbeddingConfig {
  /** Width of the pooled text embedding. */
  readonly pooledWidth: number;
  /** Sines and cosines of each of the six numbers. */
  readonly sizeWidth: number;
}

/** The architecture of a UNet2DConditionModel. Lists have one entry per level, from the largest image down. */
export interface UnetConfig {
  /** Latent `[height, width]` that the checkpoint was trained for; null where it does not say. */
  readonly sampleSize: readonly [number, number] | null;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Whether the timestep embedding is `[cos, sin]` and not `[sin, cos]`. */
  readonly flipSinToCos: boolean;
  /** `s` in the frequencies `10000^(−k / (half − s))` of the timestep embedding. */
  readonly freqShift: number;
  readonly blockOutChannels: readonly number[];
  /** Which levels have cross attention on the way down. */
  readonly downAttention: readonly boolean[];
  /** Which levels have cross attention on the way up, in the order of execution: the smallest image first. */
  readonly upAttention: readonly boolean[];
  /** What stands in the middle: two residual blocks around a transformer, one residual block, or nothing. */
  readonly mid: 'cross-attention' | 'resnet' | 'none';
  /** Residual blocks on the way down; one more on the way up. */
  readonly layersPerBlock: readonly number[];
  readonly downsamplePadding: 0 | 1;
  readonly normGroups: number;
  readonly normEpsilon: number;
  /** Width of the text states. */
  readonly crossAttentionWidth: readonly number[];
  readonly transformerLayers: readonly number[];
  /** As `transformerLayers`, for the way up, in the order of execution. */
  readonly upTransformerLayers: readonly number[];
  /** Attention heads; diffusers calls this `attention_head_dim`. */
  readonly heads: readonly number[];
  /** Whether `proj_in` and `proj_out` are stored as linear maps and not as 1×1 convolutions. */
  readonly linearProjection: boolean;
  readonly timeEmbeddingWidth: number;
  /** What SDXL adds to the timestep embedding; null in networks that know the text states alone. */
  readonly addedEmbedding: AddedEmbeddingConfig | null;
  /** Width of the embedding of the guidance that a distilled network was made for; null where it has none. */
  readonly guidanceWidth: number | null;
  readonly convInKernel: number;
  readonly convOutKernel: number;
}

const midTypes = {
  UNetMidBlock2DCrossAttn: 'cross-attention',
  UNetMidBlock2D: 'resnet',
} as const;

/** The fields for which one value alone, or a switch of no effect here, can be run. */
const fixed: readonly (readonly [field: string, supported: readonly unknown[]])[] = [
  ['center_input_sample', [false]],
  ['mid_block_scale_factor', [1]],
  ['act_fn', ['silu']],
  ['encoder_hid_dim', [null]],
  ['encoder_hid_dim_type', [null]],
  ['num_attention_heads', [null]],
  ['dual_cross_attention', [false]],
  ['class_embed_type', [null]],
  ['num_class_embeds', [null]],
  ['class_embeddings_concat', [false]],
  // All tensors are float32 already, so that upcasting changes nothing.
  ['upcast_attention', [false, true, null]],
  ['resnet_time_scale_shift', ['default']],
  ['resnet_skip_time_act', [false]],
  ['resnet_out_scale_factor', [1]],
  ['time_embedding_type', ['positional']],
  ['time_embedding_act_fn', [null]],
  ['timestep_post_act', [null]],
  ['attention_type', ['default']],
  ['mid_block_only_cross_attention', [null, false]],
  ['cross_attention_norm', [null]],
];

function readSampleSize(config: ConfigReader): readonly [number, number] | null {
  if (Array.isArray(config.raw('sample_size'))) {
    const [height, width, ...rest] = config.integers('sample_size', []);
    if (height !== undefined && width !== undefined && rest.length === 0) return [height, width];
    return config.invalid('sample_size', 'it must be one whole number or two');
  }
  const side = config.optionalInteger('sample_size');
  return side === null ? null : [side, side];
}

function readGuidanceWidth(config: ConfigReader): number | null {
  const width = config.optionalInteger('time_cond_proj_dim');
  if (width !== null && (width < 4 || width % 2 !== 0)) {
    config.invalid('time_cond_proj_dim', 'it must be even and at least 4');
  }
  return width;
}

function readKernel(config: ConfigReader, field: string): number {
  const kernel = config.integer(field, 3);
  return kernel % 2 === 1 ? kernel : config.invalid(field, 'it must be odd to keep the image size');
}

/** Numbers about a picture's size that SDXL is told: its own height and width, where it is cut, and what is wanted. */
export const sizeNumbers = 6;

function readAddedEmbedding(config: ConfigReader): AddedEmbeddingConfig | null {
  if (config.choice('addition_embed_type', null, [null, 'text_time']) === null) return null;
  const sizeWidth = config.integer('addition_time_embed_dim', null, 2);
  const width = config.integer('projection_class_embeddings_input_dim', null);
  const pooledWidth = width - sizeNumbers * sizeWidth;
  if (sizeWidth % 2 !== 0) config.invalid('addition_time_embed_dim', 'it must be even');
  if (pooledWidth < 1) {
    config.invalid(
      'projection_class_embeddings_input_dim',
      `six size embeddings of ${sizeWidth} leave no room for the pooled text`,
    );
  }
  return { pooledWidth, sizeWidth };
}

/**
 * Reads the `config.json` of a UNet2DConditionModel; fields that are absent take the defaults of diffusers.
 * @throws DraftError `DRAFT_CONFIG_INVALID`, `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/diffusers/api/models/unet2d-cond
 */
export function parseUnetConfig(json: unknown): UnetConfig {
  const config = readConfig(json, 'unet', 'UNet2DConditionModel');
  for (const [field, supported] of fixed) config.only(field, supported);
  const only = config.raw('only_cross_attention') ?? false;
  if ([only].flat().some((value) => value !== false)) config.unsupported('only_cross_attention', [false]);

  const blockOutChannels = config.integers('block_out_channels', [320, 640, 1280, 1280]);
  const count = blockOutChannels.length;
  const readTypes = (field: string, attention: string, plain: string): boolean[] => {
    const fallback = [attention, attention, attention, plain];
    if (field === 'up_block_types') fallback.reverse();
    const types = config.choices(field, fallback, [attention, plain]);
    if (types.length !== count) config.invalid(field, `block_out_channels has ${count} entries`);
    return types.map((type) => type === attention);
  };
  const downAttention = readTypes('down_block_types', 'CrossAttnDownBlock2D', 'DownBlock2D');
  const upAttention = readTypes('up_block_types', 'CrossAttnUpBlock2D', 'UpBlock2D');
  const midType = config.choice('mid_block_type', 'UNetMidBlock2DCrossAttn', [
    ...(Object.keys(midTypes) as (keyof typeof midTypes)[]),
    null,
  ]);
  const mid = midType === null ? 'none' : midTypes[midType];

  const normGroups = config.integer('norm_num_groups', 32);
  if (blockOutChannels.some((channels) => channels % normGroups !== 0)) {
    config.invalid('norm_num_groups', `it must divide block_out_channels, ${blockOutChannels.join(', ')}`);
  }
  if (blockOutChannels[0]! % 2 !== 0) config.invalid('block_out_channels', 'the first entry must be even');
  const heads = config.perBlock('attention_head_dim', 8, count);
  blockOutChannels.forEach((channels, level) => {
    const used =
      downAttention[level] ||
      upAttention[count - 1 - level] ||
      (level === count - 1 && mid === 'cross-attention');
    if (used && channels % heads[level]! !== 0) {
      config.invalid('attention_head_dim', `it is the number of heads and must divide ${channels} channels`);
    }
  });

  const transformerLayers = config.perBlock('transformer_layers_per_block', 1, count);
  const downsamplePadding = config.integer('downsample_padding', 1, 0);
  const freqShift = config.integer('freq_shift', 0, 0);
  if (freqShift >= blockOutChannels[0]! / 2)
    config.invalid('freq_shift', 'it must be below half the embedding');
  return {
    sampleSize: readSampleSize(config),
    inChannels: config.integer('in_channels', 4),
    outChannels: config.integer('out_channels', 4),
    flipSinToCos: config.flag('flip_sin_to_cos', true),
    freqShift,
    blockOutChannels,
    downAttention,
    upAttention,
    mid,
    layersPerBlock: config.perBlock('layers_per_block', 2, count),
    downsamplePadding:
      downsamplePadding === 0 || downsamplePadding === 1
        ? downsamplePadding
        : config.unsupported('downsample_padding', [0, 1]),
    normGroups,
    normEpsilon: config.positive('norm_eps', 1e-5),
    crossAttentionWidth: config.perBlock('cross_attention_dim', 1280, count),
    transformerLayers,
    upTransformerLayers:
      config.raw('reverse_transformer_layers_per_block') == null
        ? [...transformerLayers].reverse()
        : config.perBlock('reverse_transformer_layers_per_block', 1, count),
    heads,
    linearProjection: config.flag('use_linear_projection', false),
    timeEmbeddingWidth: config.optionalInteger('time_embedding_dim') ?? 4 * blockOutChannels[0]!,
    addedEmbedding: readAddedEmbedding(config),
    guidanceWidth: readGuidanceWidth(config),
    convInKernel: readKernel(config, 'conv_in_kernel'),
    convOutKernel: readKernel(config, 'conv_out_kernel'),
  };
}
