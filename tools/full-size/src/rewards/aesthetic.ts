import { join } from 'node:path';
import aesthetic, { type AestheticOptions } from '@draft/reward-aesthetic';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys } from '../published-keys.js';
import { writeRandomCheckpoint } from '../random-checkpoint.js';
import { writePublished } from '../write-published.js';
import { clipConfigs } from './clip-configs.js';

const widths = [768, 1024, 128, 64, 16, 1];
const head = 'sac+logos+ava1-l14-linearMSE.pth';

/** Names and shapes of the head. */
const headKeys = new Map(
  [0, 2, 4, 6, 7].flatMap((layer, i): [string, readonly number[]][] => [
    [`layers.${layer}.weight`, [widths[i + 1]!, widths[i]!]],
    [`layers.${layer}.bias`, [widths[i + 1]!]],
  ]),
);

/** The aesthetic predictor on openai/clip-vit-large-patch14 as both are published; the text tower is left alone. */
export const reward: FullSizeReward<AestheticOptions> = {
  plugin: aesthetic,
  network: 'CLIP ViT-L/14 and the head',
  write: (folder) => {
    const tower = writePublished(
      folder,
      { name: 'model.safetensors', format: 'safetensors' },
      publishedKeys('models-clip', 'hf_clip_vit_l14'),
      { 'config.json': clipConfigs.l14 },
    );
    const numbers = writeRandomCheckpoint(folder, { name: head, format: 'pytorch' }, headKeys);
    return { numbers: tower.numbers + numbers, files: [...tower.files, head] };
  },
  options: (folder) => ({ checkpoint: join(folder, 'model.safetensors'), head: join(folder, head) }),
};
