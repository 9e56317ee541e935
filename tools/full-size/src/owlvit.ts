import { fileURLToPath } from 'node:url';
import owlvit from '@draft/reward-owlvit';
import { proveReward } from './prove-reward.js';

const packages = new URL('../../../packages/', import.meta.url);

// OWL-ViT as google/owlvit-base-patch32 is published, with a small tokenizer.
await proveReward(import.meta.url, {
  plugin: owlvit,
  keys: new URL('rewards-owlvit/test/fixtures/published/owlvit_base_patch32.tsv', packages),
  files: { 'config.json': { model_type: 'owlvit' } },
  options: () => ({
    tokenizer: fileURLToPath(new URL('models-clip/test/fixtures/tokenizer', packages)),
    queries: ['a photo of a cat', 'a photo of a dog'],
    measure: 'area',
  }),
});
