/** `vae/config.json`: 64 × 64 pixels to 8 × 8 latents of 8 channels. */
export const vaeConfig = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [16, 32, 64, 64],
  down_block_types: Array(4).fill('DownEncoderBlock2D'),
  up_block_types: Array(4).fill('UpDecoderBlock2D'),
  in_channels: 3,
  out_channels: 3,
  latent_channels: 8,
  layers_per_block: 1,
  norm_num_groups: 8,
  sample_size: 64,
};

/** `unet/config.json`. */
export const unetConfig = {
  _class_name: 'UNet2DConditionModel',
  act_fn: 'silu',
  attention_head_dim: 4,
  block_out_channels: [80, 112],
  center_input_sample: false,
  cross_attention_dim: 96,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
  up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 8,
  out_channels: 8,
  layers_per_block: 1,
  norm_num_groups: 8,
  norm_eps: 1e-5,
  sample_size: 8,
};

/** `text_encoder/config.json` for a vocabulary of the given size. */
export const textConfig = (vocabularySize: number) => ({
  architectures: ['CLIPTextModel'],
  model_type: 'clip_text_model',
  hidden_act: 'quick_gelu',
  hidden_size: 96,
  intermediate_size: 384,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  max_position_embeddings: 16,
  vocab_size: vocabularySize,
  layer_norm_eps: 1e-5,
  projection_dim: 96,
  bos_token_id: vocabularySize - 2,
  eos_token_id: vocabularySize - 1,
  pad_token_id: vocabularySize - 1,
});

/** `scheduler/scheduler_config.json`. */
export const schedulerConfig = {
  _class_name: 'DDIMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  clip_sample: false,
  set_alpha_to_one: false,
  steps_offset: 1,
  prediction_type: 'v_prediction',
  timestep_spacing: 'trailing',
};
