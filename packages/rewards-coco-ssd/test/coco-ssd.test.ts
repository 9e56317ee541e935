import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createRandomSource,
  createRuntime,
  type Pixels,
  type Reward,
  type Runtime,
  type Tensor4D,
  tf,
} from '@draft/core';
import {
  classIds,
  cocoClasses,
  cocoSsd,
  cocoSsdFound,
  cocoSsdFoundOptions,
  cocoSsdOptions,
  loadDetector,
} from '@draft/reward-coco-ssd';
import { describeReward } from '@draft/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeSmallSsd } from './support/small-ssd.js';

const root = mkdtempSync(join(tmpdir(), 'draft-coco-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const checkpoint = writeSmallSsd(join(root, 'small'));

const settings = { runner: { describe, it }, package: import.meta.url };
describeReward(cocoSsd, {
  ...settings,
  options: { checkpoint, objects: ['cat', 'dog'], measure: 'sum', mode: 'removal' },
  label: 'removal, sum',
});
describeReward(cocoSsd, { ...settings, options: { checkpoint } });
describeReward(cocoSsdFound, { ...settings, options: { checkpoint } });

it('publishes the small detector for draft check', () => {
  const published = fileURLToPath(new URL('../check', import.meta.url));
  const files = readdirSync(checkpoint);
  expect(readdirSync(published)).toEqual(files);
  for (const name of files) {
    expect(readFileSync(join(published, name))).toEqual(readFileSync(join(checkpoint, name)));
  }
});

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'cpu', computeType: 'float32' });
});
const context = () => ({ runtime, log: () => {} });

const pictures = (count: number): Tensor4D => {
  const random = createRandomSource(8);
  return tf.tensor4d(
    Float32Array.from({ length: count * 24 * 20 * 3 }, () => random.uniform()),
    [count, 24, 20, 3],
  );
};

describe('coco-ssd', () => {
  it('sums up the scores of the named classes', async () => {
    const images = pictures(2);
    const detector = await loadDetector(checkpoint, context());
    const scores = detector.scores(images);
    const table = (await scores.array()) as number[][][];
    const score = async (options: object): Promise<number[]> => {
      const reward = (await cocoSsd.create(
        cocoSsdOptions.parse({ checkpoint, ...options }),
        context(),
      )) as Reward;
      const result = reward.score(images, {});
      const values = Array.from(await result.data());
      result.dispose();
      reward.dispose();
      return values;
    };
    const column = (boxes: number[][], id: number) => boxes.map((box) => box[id - 1]!);
    const [cat, book] = [17, 84];
    const best = table.map((boxes) => Math.max(...column(boxes, cat)) + Math.max(...column(boxes, book)));
    const all = table.map((boxes) => column(boxes, cat).reduce((sum, x) => sum + x, 0));
    const high = table.map((boxes) => column(boxes, cat).reduce((sum, x) => sum + (x > 0.3 ? x : 0), 0));
    const close = (given: number[], wanted: number[]) => {
      for (const [i, value] of given.entries()) expect(value / wanted[i]!).toBeCloseTo(1, 5);
    };
    close(await score({ objects: ['cat', 'book'] }), best);
    close(await score({ objects: 'cat', measure: 'sum' }), all);
    close(
      await score({ objects: 'cat', measure: 'sum', mode: 'removal' }),
      all.map((x) => -x),
    );
    close(await score({ objects: 'cat', measure: 'sum', threshold: 0.3 }), high);
    tf.dispose([images, scores]);
    detector.dispose();
  });

  it('has the gradient of its best box', async () => {
    const images = pictures(2);
    const detector = await loadDetector(checkpoint, context());
    const reward = (await cocoSsd.create(
      cocoSsdOptions.parse({ checkpoint, objects: 'book' }),
      context(),
    )) as Reward;
    const book = classIds(['book'])[0]! - 1;
    tf.tidy(() => {
      const found = tf.slice(detector.scores(images), [0, 0, book], [-1, -1, 1]);
      const best = [...tf.argMax(found, 1).dataSync()];
      const ofBest = tf.grad((x) => {
        const scores = detector.scores(x as Tensor4D);
        return tf.addN(best.map((box, i) => tf.sum(tf.slice(scores, [i, box, book], [1, 1, 1]))));
      })(images);
      const gradient = tf.grad((x) => tf.sum(reward.score(x as Tensor4D, {})))(images);
      expect(tf.norm(gradient).dataSync()[0]).toBeGreaterThan(1e-3);
      expect([...gradient.dataSync()]).toEqual([...ofBest.dataSync()]);
    });
    images.dispose();
    detector.dispose();
    reward.dispose();
  });

  it('judges which of the objects are there', async () => {
    const data = Uint8Array.from({ length: 24 * 20 * 3 }, (_, i) => (i * 37) % 256);
    const picture: Pixels = { width: 20, height: 24, data };
    const detector = await loadDetector(checkpoint, context());
    const scores = detector.scores(
      tf.tensor4d(
        Float32Array.from(data, (x) => x / 255),
        [1, 24, 20, 3],
      ),
    );
    const [boxes] = (await scores.array()) as number[][][];
    const best = boxes!.map((box) => ({ score: Math.max(...box), id: box.indexOf(Math.max(...box)) + 1 }));
    const top = best.reduce((a, b) =>
      a.score > b.score && cocoClasses[a.id] ? a : cocoClasses[b.id] ? b : a,
    );
    const absent = Object.keys(cocoClasses)
      .map(Number)
      .find((id) => !best.some((box) => box.id === id));
    const measure = async (minScore: number, ...ids: (number | undefined)[]) => {
      const objects = ids.map((id) => cocoClasses[id!]!);
      const judge = await cocoSsdFound.create(
        cocoSsdFoundOptions.parse({ checkpoint, objects, minScore }),
        context(),
      );
      const [share] = await judge.measure([picture], {
        prompts: [''],
        random: createRandomSource(1),
        iteration: 0,
      });
      judge.dispose();
      return share;
    };
    expect(await measure(top.score - 1e-4, top.id)).toBe(1);
    expect(await measure(0, top.id, absent)).toBe(0.5);
    expect(await measure(1, top.id)).toBe(0);
    scores.dispose();
    detector.dispose();
  });

  it('knows the classes of COCO', () => {
    expect(Object.keys(cocoClasses)).toHaveLength(80);
    expect(classIds(['person', 'Teddy_Bear', 'toothbrush'])).toEqual([1, 88, 90]);
    expect(() => classIds(['unicorn'])).toThrow(/COCO has no class "unicorn"; it has person, bicycle, /);
  });

  it('takes the classes that a model.json names', async () => {
    const own = (classes: unknown) =>
      writeSmallSsd(join(root, 'own'), (json) => ({ ...json, userDefinedMetadata: { classes } }));
    const images = pictures(1);
    const score = async (folder: string, objects: string): Promise<number> => {
      const options = cocoSsdOptions.parse({ checkpoint: folder, objects });
      const reward = (await cocoSsd.create(options, context())) as Reward;
      const [value] = tf.tidy(() => [...reward.score(images, {}).dataSync()]);
      reward.dispose();
      return value!;
    };
    // Cat is COCO's class 17.
    expect(await score(own({ 17: 'polar bear' }), 'Polar_Bear')).toBe(await score(checkpoint, 'cat'));
    const before = tf.memory().numTensors;
    await expect(score(own({ 17: 'polar bear' }), 'cat')).rejects.toThrow(
      'The detector knows no class "cat"; it has polar bear.',
    );
    for (const wrong of [[], ['cat'], {}, { 0: 'cat' }, { 1: 2 }, 'cat'])
      await expect(score(own(wrong), 'cat')).rejects.toThrow(
        /userDefinedMetadata\.classes as .* names by id/,
      );
    expect(tf.memory().numTensors).toBe(before);
    images.dispose();
  });

  it.each([{ objects: [] }, { object: 'cat' }, { model: 'resnet' }, { threshold: 1 }])(
    'refuses the options %j',
    (wrong) => {
      expect(cocoSsdOptions.safeParse(wrong).success).toBe(false);
    },
  );
});

describe('weights of the web', () => {
  it('are downloaded once, and named where they cannot be had', async () => {
    const asked: string[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (status !== 200) return response.writeHead(status).end();
      const bytes = readFileSync(join(checkpoint, (request.url ?? '').split('/').at(-1) ?? ''));
      return response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/model.json`;
    vi.stubEnv('DRAFT_CACHE', join(root, 'cache'));
    try {
      status = 503;
      await expect(loadDetector(url, context())).rejects.toThrow(
        /^http:\/\/127\.0\.0\.1:\d+\/models\/model\.json cannot be had: the server answered 503\. Download it, .* give its path\.$/,
      );
      status = 200;
      const lines: string[] = [];
      for (let i = 0; i < 2; i += 1)
        (await loadDetector(url, { runtime, log: (line) => lines.push(line) })).dispose();
      expect(asked.slice(1)).toEqual([
        '/models/model.json',
        '/models/group1-shard1of2',
        '/models/group1-shard2of2',
      ]);
      expect(lines[0]).toMatch(/^Downloading http:\/\/127.*model\.json: /);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      (await loadDetector(url, context())).dispose();
      await expect(loadDetector(url.replace('models', 'others'), context())).rejects.toThrow(
        /others\/model\.json cannot be had: \w+\. Download it/,
      );
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  });
});
