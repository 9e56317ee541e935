import { fileURLToPath } from 'node:url';
import clipscore from '@draft/reward-clipscore';
import { describe, expect, it } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('clipscore', () => {
  const reference = createRewardReference(clipscore, own('.'), {
    checkpoint: clip('model'),
    tokenizer: clip('tokenizer'),
  });
  reference.test(['official', 'crop', 'bilinear'], clip('text-gelu'));

  it('is the cosine, where that is asked for', async () => {
    const x = reference.image('official.images');
    const logits = await reference.scores(x, {});
    const cosines = await reference.scores(x, { scale: 'cosine' });
    const factor = logits[0]! / cosines[0]!;
    expect(logits[1]! / cosines[1]!).toBeCloseTo(factor, 3);
    for (const cosine of cosines) expect(Math.abs(cosine)).toBeLessThanOrEqual(1);
  });
});
