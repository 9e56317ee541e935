import { parseTextConfig, publishedTokenizer } from '@draft/model-clip';
import type { CheckpointConfigs } from '../checkpoint/read-configs.js';
import { parseNoiseSchedule } from '../schedule/noise-schedule.js';
import { parseUnetConfig } from '../unet/unet-config.js';
import { parseVaeConfig } from '../vae/vae-config.js';
import type { SingleFileArchitecture } from './identify-checkpoint.js';

const noise = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 };

const vae = {
  block_out_channels: [128, 256, 512, 512],
  layers_per_block: 2,
  down_block_types: new Array<string>(4).fill('DownEncoderBlock2D'),
  up_block_types: new Array<string>(4).fill('UpDecoderBlock2D'),
};

/** CLIP L's text tower, which both read. */
const textL = {
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  hidden_act: 'quick_gelu',
  eos_token_id: 2,
  projection_dim: 768,
};

/** OpenCLIP bigG's. */
const textBigG = {
  hidden_size: 1280,
  intermediate_size: 5120,
  num_hidden_layers: 32,
  num_attention_heads: 20,
  hidden_act: 'gelu',
  eos_token_id: 2,
  projection_dim: 1280,
};

/** The configurations of the published models, which their single files do not hold. */
export const publishedArchitectures: Readonly<Record<SingleFileArchitecture, () => CheckpointConfigs>> = {
  sd_v1: () => ({
    text: parseTextConfig(textL),
    tokenizer: publishedTokenizer(),
    second: null,
    zeroEmptyPrompt: false,
    unet: parseUnetConfig({ sample_size: 64, cross_attention_dim: 768 }),
    vae: parseVaeConfig(vae),
    schedule: parseNoiseSchedule({ ...noise, set_alpha_to_one: false }),
  }),
  'sdxl_base_v1-0': () => ({
    text: parseTextConfig(textL),
    tokenizer: publishedTokenizer(),
    second: { text: parseTextConfig(textBigG), tokenizer: publishedTokenizer('!') },
    zeroEmptyPrompt: true,
    unet: parseUnetConfig({
      sample_size: 128,
      attention_head_dim: [5, 10, 20],
      block_out_channels: [320, 640, 1280],
      cross_attention_dim: 2048,
      down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
      transformer_layers_per_block: [1, 2, 10],
      up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'],
      use_linear_projection: true,
      addition_embed_type: 'text_time',
      addition_time_embed_dim: 256,
      projection_class_embeddings_input_dim: 2816,
    }),
    vae: parseVaeConfig({ ...vae, scaling_factor: 0.13025, force_upcast: true }),
    schedule: parseNoiseSchedule({ ...noise, timestep_spacing: 'leading' }),
  }),
};
