import { maximumTokens } from '../tokenizer-files.js';

/** `config.json` of the CLIP judge: a vision transformer on 64 patches of 8 × 8, and a text tower of 16 tokens. */
export const clipConfig = (vocabularySize: number) => ({
  architectures: ['CLIPModel'],
  model_type: 'clip',
  projection_dim: 96,
  logit_scale_init_value: 2.6592,
  text_config: {
    model_type: 'clip_text_model',
    hidden_act: 'quick_gelu',
    hidden_size: 64,
    intermediate_size: 192,
    num_attention_heads: 4,
    num_hidden_layers: 2,
    max_position_embeddings: maximumTokens,
    vocab_size: vocabularySize,
    layer_norm_eps: 1e-5,
    projection_dim: 96,
    bos_token_id: vocabularySize - 2,
    eos_token_id: vocabularySize - 1,
    pad_token_id: vocabularySize - 1,
  },
  vision_config: {
    model_type: 'clip_vision_model',
    hidden_act: 'quick_gelu',
    hidden_size: 112,
    intermediate_size: 336,
    num_attention_heads: 4,
    num_hidden_layers: 4,
    image_size: 64,
    patch_size: 8,
    layer_norm_eps: 1e-5,
    projection_dim: 96,
  },
});

/** `preprocessor_config.json` of judges that read 64 × 64 pictures normalised as CLIP normalises them. */
export const clipPreprocessorConfig = {
  image_processor_type: 'CLIPImageProcessor',
  crop_size: { height: 64, width: 64 },
  do_center_crop: true,
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  rescale_factor: 1 / 255,
  size: { shortest_edge: 64 },
};
