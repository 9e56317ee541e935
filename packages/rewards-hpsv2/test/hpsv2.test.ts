import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import hpsv2 from '@draft/reward-hpsv2';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import {
  writePublishedTokenizer,
  writeWithPublishedVocabulary,
} from '../../models-clip/test/support/published-vocabulary.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('hpsv2', () => {
  const reference = createRewardReference(hpsv2, own('.'), {
    checkpoint: clip('open-clip/weights.pt'),
    tokenizer: clip('tokenizer'),
  });
  reference.test(['official', 'crop', 'bilinear'], clip('text-gelu/model.safetensors'));

  describe('on a file without a tokenizer', () => {
    const root = mkdtempSync(join(tmpdir(), 'draft-hpsv2-'));
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    it("reads prompts with CLIP's own, and asks no network", async () => {
      vi.stubEnv('HF_HUB_OFFLINE', '1');
      vi.stubEnv('HF_HUB_CACHE', join(root, 'empty'));
      const alone = { checkpoint: writeWithPublishedVocabulary(join(root, 'alone')), tokenizer: undefined };
      const images = reference.image('official.images');
      const scores = await reference.scores(images, alone);
      const tokenizer = writePublishedTokenizer(join(root, 'tokenizer'));
      expect(scores).toEqual(await reference.scores(images, { ...alone, tokenizer }));
      expect(scores.every((score) => Math.abs(score) < 1)).toBe(true);
      // It is the prompts that are read, not something else.
      const other = { ...alone, tokenizer: clip('tokenizer') };
      expect(scores).not.toEqual(await reference.scores(images, other));
      images.dispose();
      vi.unstubAllEnvs();
    });

    it('says what is missing where it has a vocabulary of its own', async () => {
      await expect(reference.make({ tokenizer: undefined })).rejects.toThrow(
        /weights\.pt has no CLIP tokenizer .*, and its 610 tokens are not CLIP's own 49408; name a place/,
      );
      vi.stubEnv('HF_HUB_OFFLINE', '1');
      vi.stubEnv('HF_HUB_CACHE', join(root, 'empty'));
      await expect(reference.make({ tokenizer: 'hf:org/name' })).rejects.toThrow(
        /^hf:org\/name\/vocab\.json is not in the cache/,
      );
      vi.unstubAllEnvs();
    });
  });
});
