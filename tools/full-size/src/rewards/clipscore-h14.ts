import clipscore from '@draft/reward-clipscore';
import { clipCheckpoint } from './clip-checkpoint.js';

/** CLIP ViT-H/14 as laion/CLIP-ViT-H-14-laion2B-s32B-b79K is published. */
export const reward = clipCheckpoint(clipscore, 'h14');
