import { fileURLToPath } from 'node:url';
import clipscore, { type ClipscoreOptions } from '@draft/reward-clipscore';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys, tokenizerFolder } from '../published-keys.js';
import { writePublished } from '../write-published.js';
import { clipConfigs } from './clip-configs.js';

/** CLIP ViT-L/14 as openai/clip-vit-large-patch14 is published. */
export const reward: FullSizeReward<ClipscoreOptions> = {
  plugin: clipscore,
  network: 'CLIP ViT-L/14',
  write: (folder) =>
    writePublished(
      folder,
      { name: 'model.safetensors', format: 'safetensors' },
      publishedKeys('models-clip', 'hf_clip_vit_l14'),
      { 'config.json': clipConfigs.l14 },
    ),
  options: (folder) => ({ checkpoint: folder, tokenizer: fileURLToPath(tokenizerFolder('published')) }),
};
