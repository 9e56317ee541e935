import adversarial, { type AdversarialOptions } from '@draft/reward-adversarial';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys } from '../published-keys.js';
import { writePublished } from '../write-published.js';

/** ResNet-50 as microsoft/resnet-50 is published. */
export const reward: FullSizeReward<AdversarialOptions> = {
  plugin: adversarial,
  network: 'ResNet-50, layout of transformers',
  write: (folder) =>
    writePublished(
      folder,
      { name: 'model.safetensors', format: 'safetensors' },
      publishedKeys('rewards-adversarial', 'hf_resnet50'),
      {
        'config.json': { model_type: 'resnet', depths: [3, 4, 6, 3] },
        'preprocessor_config.json': { crop_pct: 0.875, resample: 3, size: 224 },
      },
    ),
  options: (folder) => ({ checkpoint: folder }),
};
