import { fileURLToPath } from 'node:url';
import pickscore from '@draft/reward-pickscore';
import { proveReward } from './prove-reward.js';

const fixtures = new URL('../../../packages/models-clip/test/fixtures/published/', import.meta.url);

// PickScore as yuvalkirstain/PickScore_v1 is published, with a cut tokenizer.
await proveReward(import.meta.url, {
  plugin: pickscore,
  keys: new URL('hf_clip_vit_h14_pickscore.tsv', fixtures),
  files: {},
  options: () => ({ tokenizer: fileURLToPath(fixtures) }),
});
