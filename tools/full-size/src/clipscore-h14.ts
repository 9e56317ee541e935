import { fileURLToPath } from 'node:url';
import clipscore from '@draft/reward-clipscore';
import { proveReward } from './prove-reward.js';

const fixtures = new URL('../../../packages/models-clip/test/fixtures/published/', import.meta.url);

// CLIP ViT-H/14 as laion/CLIP-ViT-H-14-laion2B-s32B-b79K is published, with a cut tokenizer.
await proveReward(import.meta.url, {
  plugin: clipscore,
  keys: new URL('hf_clip_vit_h14_pickscore.tsv', fixtures),
  files: {},
  options: () => ({ tokenizer: fileURLToPath(fixtures), model: 'h14' }),
});
