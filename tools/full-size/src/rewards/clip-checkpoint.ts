import { fileURLToPath } from 'node:url';
import type { RewardPlugin } from '@draft/core';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys, tokenizerFolder } from '../published-keys.js';
import { writePublished } from '../write-published.js';
import { clipConfigs } from './clip-configs.js';

const keys = { l14: 'hf_clip_vit_l14', h14: 'hf_clip_vit_h14_pickscore' } as const;

/** A reward on one of the two CLIP models in transformers' layout. */
export const clipCheckpoint = <Options>(
  plugin: RewardPlugin<Options>,
  model: keyof typeof keys,
): FullSizeReward<Options> => ({
  plugin,
  network: `CLIP ViT-${model.charAt(0).toUpperCase()}/14`,
  write: (folder) =>
    writePublished(
      folder,
      { name: 'model.safetensors', format: 'safetensors' },
      publishedKeys('models-clip', keys[model]),
      { 'config.json': clipConfigs[model] },
    ),
  options: (folder) => ({ checkpoint: folder, tokenizer: fileURLToPath(tokenizerFolder('published')) }),
});
