import { readConfig } from '../config/config-reader.js';

/** The architecture of an AutoencoderKL. */
export interface VaeConfig {
  readonly imageChannels: number;
  readonly latentChannels: number;
  /** From the image to the latents; each level but the last halves the image. */
  readonly blockOutChannels: readonly number[];
  /** Residual blocks per level of the encoder; the decoder has one more. */
  readonly layersPerBlock: number;
  readonly normGroups: number;
  /** Whether a 1×1 convolution follows the encoder. */
  readonly quantConv: boolean;
  /** Whether a 1×1 convolution precedes the decoder. */
  readonly postQuantConv: boolean;
  readonly midAttention: boolean;
  /** Latents are multiplied by it before the diffusion model sees them. */
  readonly scalingFactor: number;
}

/**
 * Reads the `config.json` of an AutoencoderKL; fields that are absent take the defaults of diffusers.
 * @throws DraftError `DRAFT_CONFIG_INVALID`, `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/diffusers/api/models/autoencoderkl
 */
export function parseVaeConfig(json: unknown): VaeConfig {
  const config = readConfig(json, 'vae', 'AutoencoderKL');
  config.only('act_fn', ['silu']);
  config.only('shift_factor', [null, 0]);
  config.only('latents_mean', [null]);
  config.only('latents_std', [null]);
  // Half precision overflows in some of these networks; no compute type of the runtime has that range.
  config.only('force_upcast', [true, false]);

  const blockOutChannels = config.integers('block_out_channels', [64]);
  for (const [field, type] of [
    ['down_block_types', 'DownEncoderBlock2D'],
    ['up_block_types', 'UpDecoderBlock2D'],
  ] as const) {
    if (config.choices(field, [type], [type]).length !== blockOutChannels.length) {
      config.invalid(field, `block_out_channels has ${blockOutChannels.length} entries`);
    }
  }
  const normGroups = config.integer('norm_num_groups', 32);
  if (blockOutChannels.some((channels) => channels % normGroups !== 0)) {
    config.invalid('norm_num_groups', `it must divide block_out_channels, ${blockOutChannels.join(', ')}`);
  }
  const imageChannels = config.integer('in_channels', 3);
  if (config.integer('out_channels', 3) !== imageChannels) {
    config.invalid('out_channels', `in_channels is ${imageChannels}`);
  }
  return {
    imageChannels,
    latentChannels: config.integer('latent_channels', 4),
    blockOutChannels,
    layersPerBlock: config.integer('layers_per_block', 1),
    normGroups,
    quantConv: config.flag('use_quant_conv', true),
    postQuantConv: config.flag('use_post_quant_conv', true),
    midAttention: config.flag('mid_block_add_attention', true),
    scalingFactor: config.positive('scaling_factor', 0.18215),
  };
}
