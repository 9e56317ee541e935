import { fileURLToPath } from 'node:url';
import clipscore, { type ClipscoreOptions } from '@draft/reward-clipscore';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys, tokenizerFolder } from '../published-keys.js';
import { writePublished } from '../write-published.js';
import { clipConfigs } from './clip-configs.js';

/** CLIP ViT-H/14 as laion/CLIP-ViT-H-14-laion2B-s32B-b79K is published. */
export const reward: FullSizeReward<ClipscoreOptions> = {
  plugin: clipscore,
  network: 'CLIP ViT-H/14',
  write: (folder) =>
    writePublished(
      folder,
      { name: 'model.safetensors', format: 'safetensors' },
      publishedKeys('models-clip', 'hf_clip_vit_h14_pickscore'),
      { 'config.json': clipConfigs.h14 },
    ),
  options: (folder) => ({ checkpoint: folder, tokenizer: fileURLToPath(tokenizerFolder('published')) }),
};
