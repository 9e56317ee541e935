import { owlvitCheckpoint } from './owlvit-checkpoint.js';

/** OWL-ViT as google/owlvit-large-patch14 is published. */
export const reward = owlvitCheckpoint('OWL-ViT large/14', 'owlvit_large_patch14', {
  projection_dim: 768,
  text_config: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 16 },
  vision_config: {
    hidden_size: 1024,
    intermediate_size: 4096,
    num_attention_heads: 16,
    num_hidden_layers: 24,
    image_size: 840,
    patch_size: 14,
  },
});
