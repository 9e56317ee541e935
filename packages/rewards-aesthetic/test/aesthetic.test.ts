import { fileURLToPath } from 'node:url';
import { createRuntime, openNetwork } from '@draft/core';
import aesthetic, { createAestheticHead } from '@draft/reward-aesthetic';
import { describe, expect, it } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('aesthetic, the head with activations', () => {
  const options = { checkpoint: clip('model'), head: own('relu.pth') };
  const reference = createRewardReference(aesthetic, own('relu'), options);
  reference.test(['official', 'crop', 'bilinear'], clip('text-gelu/model.safetensors'));
});

describe('aesthetic', () => {
  const reference = createRewardReference(aesthetic, own('linear'), {
    checkpoint: clip('model'),
    head: own('linear.pth'),
  });
  reference.test(['official', 'crop', 'bilinear'], clip('text-gelu/model.safetensors'));

  it.each([
    // 768·1024 + 1024·128 + 128·64 + 64·16 + 16 weights and a bias each: the published files are of 3.7 MB.
    ['linearMSE', [0, 2, 4, 6, 7]],
    ['reluMSE', [0, 3, 6, 9, 11]],
  ])('takes every tensor of the published heads: %s', async (name, layers) => {
    const widths = [768, 1024, 128, 64, 16, 1];
    const entry = (...shape: number[]) => ({
      dtype: 'F32' as const,
      shape,
      byteLength: 4 * shape.reduce((a, b) => a * b, 1),
    });
    const entries = new Map(
      layers.flatMap((layer, i): [string, ReturnType<typeof entry>][] => [
        [`layers.${layer}.weight`, entry(widths[i + 1]!, widths[i]!)],
        [`layers.${layer}.bias`, entry(widths[i + 1]!)],
      ]),
    );
    const source = { path: name, entries, read: () => new Uint8Array(), close: () => {} };
    const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
    const spec = { name: 'aesthetic predictor', build: createAestheticHead(source, 768) };
    const head = openNetwork(source, spec, runtime);
    expect(head.parameters).toBe(927_969);
    head.dispose();
    expect(() => openNetwork(source, { ...spec, build: createAestheticHead(source, 512) }, runtime)).toThrow(
      'layers.0.weight',
    );
  });

  it('refuses a head that is none, or of another width', async () => {
    await expect(reference.make({ head: own('linear/reference.safetensors') })).rejects.toThrow(
      /holds no aesthetic predictor: layers\.0\.weight/,
    );
    const source = { path: 'head', entries: new Map(), read: () => new Uint8Array(), close: () => {} };
    expect(() => createAestheticHead(source, 768)).toThrow(/layers\.7\.weight are needed/);
  });
});
