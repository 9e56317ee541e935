import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRuntime, openSafetensors, type Runtime, type Tensor4D, tf } from '@draft/core';
import { clipStatistics } from '@draft/model-clip';
import owlvit, { boxBias, loadDetector } from '@draft/reward-owlvit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { difference } from '../../models-clip/test/support/difference.js';
import { fixture as clip } from '../../models-clip/test/support/fixture.js';
import { createRewardReference } from '../../models-clip/test/support/reward-reference.js';

const own = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const file = openSafetensors(own('detections.safetensors'));
const floats = (key: string) => new Float32Array(file.read(key).buffer);
const { queries } = JSON.parse(readFileSync(own('detections.json'), 'utf8')) as { queries: string[] };
const model = { checkpoint: own('model'), tokenizer: own('model'), queries };

describe.each([
  ['max', { measure: 'max' }],
  ['sum', { measure: 'sum' }],
  ['area', { measure: 'area' }],
  ['threshold', { measure: 'sum', threshold: 0.5 }],
])('owlvit: %s', (name, options) => {
  const reference = createRewardReference(owlvit, own(name), { ...model, ...options });
  reference.test(['official', 'unrounded', 'bilinear'], clip('text-gelu'));
});

describe('OWL-ViT', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
  });

  it("finds transformers' boxes and gives them its scores", async () => {
    const context = { runtime, log: () => {} };
    const before = tf.memory().numTensors;
    const { network, tokenizer, dispose } = await loadDetector({ ...model, context });
    const ids = queries.flatMap((query) => [...tokenizer.encode(query)]);
    expect(ids).toEqual([...new Int32Array(file.read('input_ids').buffer)]);
    const results = tf.tidy(() => {
      const shape = file.entries.get('pixel_values')!.shape as [number, number, number, number];
      const pixels: Tensor4D = tf.transpose(tf.tensor4d(floats('pixel_values'), shape), [0, 2, 3, 1]);
      const embedded = network.text.embed(tf.tensor2d(ids, [queries.length, 16], 'int32'));
      const unit = tf.div(embedded, tf.norm(embedded, 2, 1, true));
      return { ...network.detect(pixels, embedded), unit };
    });
    // Float32 on both sides, two layers each.
    expect(await difference(results.unit, floats('text_embeds'))).toBeLessThan(1e-5);
    expect(await difference(results.logits, floats('logits'))).toBeLessThan(1e-5);
    expect(await difference(results.boxes, floats('pred_boxes'))).toBeLessThan(1e-5);
    tf.dispose(results);
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['box_bias', 4],
    ['box_bias.published', 24],
  ])('puts boxes where their patches are: %s', (key, side) => {
    const expected = floats(key);
    const bias = boxBias(side);
    expect(bias).toHaveLength(expected.length);
    // Float32 logarithms of PyTorch's.
    for (const [index, value] of bias.entries())
      expect(Math.abs(value - expected[index]!)).toBeLessThan(2e-6);
  });

  it('biases a grid of two by two as published', () => {
    const rows = [0, 1, 2, 3].map((row) => [...boxBias(2).slice(4 * row, 4 * row + 4)]);
    const far = 9.2103;
    for (const [row, [x, y]] of [
      [0, 0],
      [far, 0],
      [0, far],
      [far, far],
    ].entries()) {
      for (const [place, value] of [x!, y!, 0, 0].entries()) expect(rows[row]![place]).toBeCloseTo(value, 3);
    }
  });
});

describe('owlvit', () => {
  const reference = createRewardReference(owlvit, own('max'), { ...model, preprocessing: 'bilinear' });

  it('rewards removal as the other sign', async () => {
    const images = reference.image('bilinear.images');
    const found = await reference.scores(images, {});
    const missed = await reference.scores(images, { mode: 'removal' });
    expect(missed).toEqual(found.map((score) => -score));
    images.dispose();
  });

  it('adds up several queries, and takes a single one as a text', async () => {
    const images = reference.image('bilinear.images');
    const both = await reference.scores(images, {});
    const first = await reference.scores(images, { queries: queries[0] });
    const second = await reference.scores(images, { queries: [queries[1]] });
    for (const [index, score] of both.entries()) expect(first[index]! + second[index]!).toBeCloseTo(score, 5);
    images.dispose();
  });

  it('names the places where it found no tokenizer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'owlvit-'));
    const before = tf.memory().numTensors;
    try {
      for (const name of ['config.json', 'model.safetensors'])
        copyFileSync(join(own('model'), name), join(folder, name));
      const elsewhere = clip('text-gelu');
      await expect(reference.make({ checkpoint: folder, tokenizer: elsewhere })).rejects.toThrow(
        `Neither ${folder} nor ${elsewhere} has a CLIP tokenizer`,
      );
      await expect(reference.make({ checkpoint: folder, tokenizer: folder })).rejects.toThrow(
        `${folder} has no CLIP tokenizer`,
      );
      expect(tf.memory().numTensors).toBe(before);
      const reward = await reference.make({ checkpoint: folder });
      expect(tf.memory().numTensors).toBeGreaterThan(before);
      reward.dispose();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('with a preprocessor_config.json', () => {
    const folder = mkdtempSync(join(tmpdir(), 'owlvit-'));
    const describePictures = (config: object) =>
      writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(config));
    beforeAll(() => cpSync(own('model'), folder, { recursive: true }));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('normalises pictures by its mean and deviation', async () => {
      describePictures({ image_mean: [0, 0, 0], image_std: [1, 1, 1] });
      const images = reference.image('bilinear.images');
      const moved: Tensor4D = tf.tidy(() =>
        tf.add(tf.mul(images, [...clipStatistics.deviation]), [...clipStatistics.mean]),
      );
      const plain = await reference.scores(images, { checkpoint: folder });
      const usual = await reference.scores(moved, {});
      // Resampling is linear, so normalising later what was moved before gives the same picture, to rounding.
      for (const [index, score] of plain.entries()) expect(score).toBeCloseTo(usual[index]!, 5);
      expect(plain).not.toEqual(await reference.scores(images, {}));
      tf.dispose([images, moved]);
    });

    it.each([
      [{ image_std: [1, 0, 1] }, '"image_std": [1,0,1], but they must be above 0'],
      [{ image_mean: 0.5 }, '"image_mean": 0.5, but it must be three numbers'],
      [{ do_normalize: false }, 'only pictures that are normalised can be read'],
    ])('refuses %j', async (config, message) => {
      describePictures(config);
      const before = tf.memory().numTensors;
      await expect(reference.make({ checkpoint: folder })).rejects.toThrow(message);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it.each([
    [{ queries: [] }],
    [{ queries: '' }],
    [{ queries: [''] }],
    [{ threshold: 1 }],
    [{ mode: 'find' }],
  ])('refuses %j', async (options) => {
    await expect(reference.make(options)).rejects.toThrow();
  });
});
