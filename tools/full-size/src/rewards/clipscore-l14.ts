import clipscore from '@draft/reward-clipscore';
import { clipCheckpoint } from './clip-checkpoint.js';

/** CLIP ViT-L/14 as openai/clip-vit-large-patch14 is published. */
export const reward = clipCheckpoint(clipscore, 'l14');
