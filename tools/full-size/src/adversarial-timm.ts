import adversarial from '@draft/reward-adversarial';
import { proveReward } from './prove-reward.js';

// ResNet-50 as timm/resnet50.a1_in1k is published.
await proveReward(import.meta.url, {
  plugin: adversarial,
  keys: new URL(
    '../../../packages/rewards-adversarial/test/fixtures/published/timm_resnet50.tsv',
    import.meta.url,
  ),
  files: {
    'config.json': {
      architecture: 'resnet50',
      num_classes: 1000,
      pretrained_cfg: { input_size: [3, 224, 224], interpolation: 'bicubic', crop_pct: 0.95 },
    },
  },
});
