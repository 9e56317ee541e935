import { owlvitCheckpoint } from './owlvit-checkpoint.js';

/** OWL-ViT as google/owlvit-base-patch16 is published. */
export const reward = owlvitCheckpoint('OWL-ViT base/16', 'owlvit_base_patch16', {
  vision_config: { patch_size: 16 },
});
