import pickscore from '@draft/reward-pickscore';
import { clipCheckpoint } from './clip-checkpoint.js';

/** PickScore as yuvalkirstain/PickScore_v1 is published. */
export const reward = clipCheckpoint(pickscore, 'h14');
