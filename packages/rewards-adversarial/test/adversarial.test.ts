import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCheckpointWeights, createRuntime, openCheckpoint, type Tensor4D, tf } from '@draft/core';
import adversarial, { createResnet, loadClassifier } from '@draft/reward-adversarial';
import { afterAll, describe, expect, it } from 'vitest';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const folders: string[] = [];
const temporaryCopy = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'adversarial-'));
  folders.push(folder);
  cpSync(own(name), folder, { recursive: true });
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const weightsOf = async (name: string) => {
  const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
  return createCheckpointWeights(openCheckpoint(join(own(name), 'pytorch_model.bin')), runtime);
};

describe.each([['bottleneck/timm'], ['bottleneck/transformers'], ['early/transformers'], ['basic/timm']])(
  'adversarial on %s',
  (name) => {
    const reference = createRewardReference(adversarial, own(name), { checkpoint: own(name), target: 'Dog' });
    reference.test(['official', 'unrounded', 'bilinear'], clip('text-gelu'));
  },
);

describe('adversarial', () => {
  const reference = createRewardReference(adversarial, own('bottleneck/timm'), {
    checkpoint: own('bottleneck/timm'),
    target: 'dog',
    preprocessing: 'bilinear',
  });

  it('gives the same numbers for the same weights in both layouts', async () => {
    const images = reference.image('bilinear.images');
    const timm = await reference.scores(images, {});
    const transformers = await reference.scores(images, { checkpoint: own('bottleneck/transformers') });
    expect(transformers).toEqual(timm);
    images.dispose();
  });

  it('scores every class so that probabilities sum to 1', async () => {
    const images = reference.image('bilinear.images');
    let total = 0;
    for (const target of ['true cat', 1, 'red fox', 'arctic fox', 'Polar-Bear']) {
      total += Math.exp((await reference.scores(images, { target }))[0]!);
    }
    expect(total).toBeCloseTo(1, 5);
    images.dispose();
  });

  it('suggests a class for one that there is not, and asks where there are several', async () => {
    const before = tf.memory().numTensors;
    await expect(reference.make({ target: 'polar beer' })).rejects.toThrow('did you mean "polar bear"?');
    await expect(reference.make({ target: 'aeroplane' })).rejects.toThrow(
      'among its 5 classes are "cat", "dog", "red fox", "arctic fox", "polar bear"',
    );
    await expect(reference.make({ target: 'fox' })).rejects.toThrow(
      '2 (red fox, fox) or 3 (arctic fox, fox)',
    );
    await expect(reference.make({ target: '5' })).rejects.toThrow('no class "5"');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses weights that are not what the config.json beside them says', async () => {
    const folder = temporaryCopy('bottleneck/timm');
    const rewrite = (config: unknown) => writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    rewrite({ architecture: 'resnet50' });
    await expect(reference.make({ checkpoint: folder })).rejects.toThrow('1, 2, 1, 1 blocks, but');
    rewrite({ architecture: 'resnetblur50' });
    await expect(reference.make({ checkpoint: folder })).rejects.toThrow('only plain ResNets');
    rewrite({ architecture: 'resnet17', label_names: ['dog'] });
    await expect(reference.make({ checkpoint: folder })).rejects.toThrow(
      'names 1 classes, but its weights have 5',
    );
    rewrite({ architecture: 'resnet17', pretrained_cfg: { interpolation: 'lanczos' } });
    await expect(reference.make({ checkpoint: folder })).rejects.toThrow('"interpolation": "lanczos"');
  });

  it('reads a file without anything beside it', async () => {
    const folder = temporaryCopy('bottleneck/timm');
    rmSync(join(folder, 'config.json'));
    const images = reference.image('bilinear.images');
    const checkpoint = join(folder, 'pytorch_model.bin');
    // 224 pixels instead of 28: other numbers, of the class that has the number 1.
    const [score] = await reference.scores(images, { checkpoint, target: '1' });
    expect(score).toBeLessThan(0);
    images.dispose();
  });

  it('normalises by other moments where they are given, and by the stored ones as if they were', async () => {
    const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
    const context = { runtime, log: () => {} };
    const { network, dispose } = await loadClassifier(own('basic/timm'), context);
    const images = reference.image('bilinear.images');
    const weights = await weightsOf('basic/timm');
    const seen: string[] = [];
    const unfolded = createResnet(network.config, weights, {
      moments(norm, x) {
        seen.push(norm);
        const channels = [x.shape[3]];
        return {
          mean: weights.get(`${norm}.running_mean`, channels, 'vector'),
          variance: weights.get(`${norm}.running_var`, channels, 'vector'),
        };
      },
    });
    const batch = createResnet(network.config, weights, {
      moments: (_, x) => tf.moments(x, [0, 1, 2]),
    });
    const apart = (a: Tensor4D, b: typeof unfolded) =>
      tf.tidy(() => tf.max(tf.abs(tf.sub(network.logits(a), b.logits(a)))).dataSync()[0]!);
    // Float32, folded before or applied after each of twelve convolutions.
    expect(apart(images, unfolded)).toBeLessThan(1e-5);
    expect(apart(images, batch)).toBeGreaterThan(1e-2);
    expect(seen).toHaveLength(15);
    tf.dispose(images);
    weights.dispose();
    dispose();
  });
});
