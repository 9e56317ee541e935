import { fileURLToPath } from 'node:url';
import pickscore from '@draft/reward-pickscore';
import { describe } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('pickscore', () => {
  const reference = createRewardReference(pickscore, own('.'), {
    checkpoint: own('model'),
    tokenizer: clip('tokenizer'),
  });
  reference.test(['official', 'crop', 'bilinear'], clip('text-gelu'));
});
