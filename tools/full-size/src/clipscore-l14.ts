import { fileURLToPath } from 'node:url';
import clipscore from '@draft/reward-clipscore';
import { proveReward } from './prove-reward.js';

const fixtures = new URL('../../../packages/models-clip/test/fixtures/published/', import.meta.url);

// CLIP ViT-L/14 as openai/clip-vit-large-patch14 is published, with a cut tokenizer.
await proveReward(import.meta.url, {
  plugin: clipscore,
  keys: new URL('hf_clip_vit_l14.tsv', fixtures),
  files: {},
  options: () => ({ tokenizer: fileURLToPath(fixtures), model: 'l14' }),
});
