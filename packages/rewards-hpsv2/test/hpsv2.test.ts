import { fileURLToPath } from 'node:url';
import hpsv2 from '@draft/reward-hpsv2';
import { describe } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('hpsv2', () => {
  const reference = createRewardReference(hpsv2, own('.'), {
    checkpoint: clip('open-clip/weights.pt'),
    tokenizer: clip('tokenizer'),
  });
  reference.test(['official', 'crop', 'bilinear'], clip('text-gelu/model.safetensors'));
});
