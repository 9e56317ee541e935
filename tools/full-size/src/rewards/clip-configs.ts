/** What counts of the published `config.json` of ViT-L/14 and ViT-H/14 in transformers' layout. */
export const clipConfigs = {
  l14: {
    model_type: 'clip',
    projection_dim: 768,
    text_config: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, eos_token_id: 2 },
    vision_config: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
      patch_size: 14,
    },
  },
  h14: {
    model_type: 'clip',
    projection_dim: 1024,
    text_config: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
      hidden_act: 'gelu',
      eos_token_id: 2,
    },
    vision_config: {
      hidden_size: 1280,
      intermediate_size: 5120,
      num_attention_heads: 16,
      num_hidden_layers: 32,
      patch_size: 14,
      hidden_act: 'gelu',
    },
  },
} as const;
