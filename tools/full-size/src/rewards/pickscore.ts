import { fileURLToPath } from 'node:url';
import pickscore, { type PickscoreOptions } from '@draft/reward-pickscore';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys, tokenizerFolder } from '../published-keys.js';
import { writePublished } from '../write-published.js';
import { clipConfigs } from './clip-configs.js';

/** PickScore as yuvalkirstain/PickScore_v1 is published. */
export const reward: FullSizeReward<PickscoreOptions> = {
  plugin: pickscore,
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
