import adversarial from '@draft/reward-adversarial';
import { proveReward } from './prove-reward.js';

// ResNet-50 as microsoft/resnet-50 is published.
await proveReward(import.meta.url, {
  plugin: adversarial,
  keys: new URL(
    '../../../packages/rewards-adversarial/test/fixtures/published/hf_resnet50.tsv',
    import.meta.url,
  ),
  files: {
    'config.json': { model_type: 'resnet', depths: [3, 4, 6, 3] },
    'preprocessor_config.json': { crop_pct: 0.875, resample: 3, size: 224 },
  },
});
