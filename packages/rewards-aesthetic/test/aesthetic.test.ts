import { fileURLToPath } from 'node:url';
import { openSafetensors } from '@draft/core';
import aesthetic, { createAestheticHead } from '@draft/reward-aesthetic';
import { describe, expect, it } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('aesthetic', () => {
  const reference = createRewardReference(aesthetic, own('linear'), {
    checkpoint: clip('model'),
    head: own('linear.pth'),
  });
  reference.test(['official', 'bilinear'], clip('text-gelu/model.safetensors'));

  it('takes the head with activations too', async () => {
    const relu = openSafetensors(own('relu/reference.safetensors'));
    const expected = new Float32Array(relu.read('official.scores').buffer);
    const actual = await reference.scores(reference.image('official.images'), { head: own('relu.pth') });
    for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index]!, 5);
    expect(expected[0]).not.toBeCloseTo(reference.floats('official.scores')[0]!, 3);
    relu.close();
  });

  it('refuses a head that is none, or of another width', async () => {
    await expect(reference.make({ head: own('linear/reference.safetensors') })).rejects.toThrow(
      /holds no aesthetic predictor: layers\.0\.weight/,
    );
    const source = { path: 'head', entries: new Map(), read: () => new Uint8Array(), close: () => {} };
    expect(() => createAestheticHead(source, 768)).toThrow(/layers\.7\.weight are needed/);
  });
});
