import { fileURLToPath } from 'node:url';
import hpsv2 from '@draft/reward-hpsv2';
import { proveReward } from './prove-reward.js';

const fixtures = new URL('../../../packages/models-clip/test/fixtures/published/', import.meta.url);

// HPSv2 in the names of open_clip, as its file HPS_v2.1_compressed.pt has them, but as safetensors; with a cut tokenizer.
await proveReward(import.meta.url, {
  plugin: hpsv2,
  keys: new URL('openclip_vit_h14_hpsv2.tsv', fixtures),
  files: {},
  options: () => ({ tokenizer: fileURLToPath(fixtures) }),
});
