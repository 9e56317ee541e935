import adversarial, { type AdversarialOptions } from '@draft/reward-adversarial';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys } from '../published-keys.js';
import { writePublished } from '../write-published.js';

const config = {
  architecture: 'resnet50',
  num_classes: 1000,
  pretrained_cfg: { input_size: [3, 224, 224], interpolation: 'bicubic', crop_pct: 0.95 },
};

/** ResNet-50 as timm/resnet50.a1_in1k is published. */
export const reward: FullSizeReward<AdversarialOptions> = {
  plugin: adversarial,
  network: 'ResNet-50, layout of timm',
  write: (folder) =>
    writePublished(
      folder,
      { name: 'model.safetensors', format: 'safetensors' },
      publishedKeys('rewards-adversarial', 'timm_resnet50'),
      { 'config.json': config },
    ),
  options: (folder) => ({ checkpoint: folder }),
};
