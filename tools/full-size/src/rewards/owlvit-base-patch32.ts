import { owlvitCheckpoint } from './owlvit-checkpoint.js';

/** OWL-ViT as google/owlvit-base-patch32 is published. */
export const reward = owlvitCheckpoint('OWL-ViT base/32', 'owlvit_base_patch32', {});
