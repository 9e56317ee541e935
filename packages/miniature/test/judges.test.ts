import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createRandomSource,
  createRuntime,
  openSafetensors,
  type Reward,
  type RewardPlugin,
  type Runtime,
  readPng,
  type Tensor4D,
  tf,
} from '@draft/core';
import { adversarial } from '@draft/reward-adversarial';
import { aesthetic } from '@draft/reward-aesthetic';
import { clipscore } from '@draft/reward-clipscore';
import { cocoSsd } from '@draft/reward-coco-ssd';
import { owlvit } from '@draft/reward-owlvit';
import { beforeAll, describe, expect, it } from 'vitest';

const place = (name: string): string => fileURLToPath(new URL(`../judges/${name}`, import.meta.url));
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const side = 64;

/** The pictures of a sheet without gaps, row by row, `[n, 64, 64, 3]` in `[0, 1]`. */
function readSheet(name: string, count: number): Tensor4D {
  const { width, data } = readPng(fixture(name));
  const columns = width / side;
  const values = new Float32Array(count * side * side * 3);
  for (let index = 0; index < count; index++) {
    const [left, top] = [(index % columns) * side, Math.floor(index / columns) * side];
    for (let row = 0; row < side; row++) {
      const from = 3 * ((top + row) * width + left);
      const line = Float32Array.from(data.subarray(from, from + 3 * side), (byte) => byte / 255);
      values.set(line, (index * side + row) * side * 3);
    }
  }
  return tf.tensor4d(values, [count, side, side, 3]);
}

/** A held-out scene of each animal. */
const facts = JSON.parse(readFileSync(fixture('scenes.json'), 'utf8')) as (readonly { label: string }[])[];
const animals = facts.map(([animal]) => animal!.label);
const captionOf = (animal: string): string => `${/^[aeiou]/.test(animal) ? 'an' : 'a'} ${animal}`;

let runtime: Runtime;
let scenes: Tensor4D;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
  scenes = readSheet('scenes.png', facts.length);
});

async function make<Options>(
  plugin: RewardPlugin<Options>,
  options: Readonly<Record<string, unknown>>,
): Promise<Reward> {
  const parsed = await plugin.options['~standard'].validate(options);
  if (parsed.issues) throw new Error(JSON.stringify(parsed.issues));
  return (await plugin.create(parsed.value, { runtime, log: () => {} })) as Reward;
}

/** Scores, and the gradient of their sum in the pictures. */
async function judge(reward: Reward, images: Tensor4D, prompts: readonly string[]) {
  const context = { prompts, random: createRandomSource(1), iteration: 0 };
  const prepared = (await reward.prepare?.(context)) ?? {};
  const run = runtime.compile('judge', ({ x, ...rest }) => {
    const { value, grad } = tf.valueAndGrad((y) => tf.sum(reward.score(y as Tensor4D, rest)))(x!);
    return { scores: reward.score(x as Tensor4D, rest), gradient: grad, total: value };
  });
  const results = await run({ x: images, ...prepared });
  const [scores, gradient] = [[...results.scores!.dataSync()], results.gradient!.dataSync() as Float32Array];
  tf.dispose([results, prepared]);
  run.dispose();
  return { scores, gradient };
}

const isUsable = (gradient: Float32Array): boolean =>
  gradient.every(Number.isFinite) && gradient.some((value) => Math.abs(value) > 1e-6);

describe("the miniature's judges", () => {
  it.each([
    ['clip', 2_000_000, ['vision_model.pre_layrnorm.weight', 'text_projection.weight', 'logit_scale']],
    ['classifier', 1_200_000, ['resnet.embedder.embedder.normalization.running_var', 'classifier.1.bias']],
    ['detector', 2_000_000, ['owlvit.vision_model.pre_layernorm.weight', 'class_head.dense0.weight']],
    ['aesthetic', 100_000, ['layers.0.weight', 'layers.11.bias']],
  ] as const)('are small files with the published names: %s', (name, most, keys) => {
    const path = `${place(name)}/model.safetensors`;
    expect(statSync(path).size).toBeLessThan(most);
    const file = openSafetensors(path);
    for (const key of keys) expect([...file.entries.keys()]).toContain(key);
    for (const { dtype } of file.entries.values()) expect(dtype).toBe('F16');
    file.close();
  });

  it('CLIP finds the caption of a scene among those of four other animals', async () => {
    const reward = await make(clipscore, { checkpoint: 'npm:@draft/miniature/judges/clip', scale: 'cosine' });
    const shifts = [0, 7, 17, 23, 31];
    const table: Awaited<ReturnType<typeof judge>>[] = [];
    for (const shift of shifts) {
      const captions = animals.map((_, index) => captionOf(animals[(index + shift) % animals.length]!));
      table.push(await judge(reward, scenes, captions));
    }
    const right = animals.filter((_, index) =>
      table.slice(1).every(({ scores }) => scores[index]! < table[0]!.scores[index]!),
    );
    expect(right.length).toBeGreaterThanOrEqual(40);
    expect(isUsable(table[0]!.gradient)).toBe(true);
    reward.dispose();
  });

  it('the classifier finds the scene of an animal among all', async () => {
    let right = 0;
    for (const target of ['cat', 'fox', 'whale', 'bee']) {
      const reward = await make(adversarial, {
        checkpoint: 'npm:@draft/miniature/judges/classifier',
        target,
      });
      const { scores, gradient } = await judge(reward, scenes, animals);
      if (scores.indexOf(Math.max(...scores)) === animals.indexOf(target)) right += 1;
      expect(isUsable(gradient)).toBe(true);
      reward.dispose();
    }
    expect(right).toBe(4);
  });

  it.each([
    ['detector', owlvit, { queries: ['a photo of a book'] }],
    ['ssd', cocoSsd, { objects: 'book' }],
  ] as const)('%s is surer of a book where there is one', async (name, plugin, wanted) => {
    const options = { checkpoint: `npm:@draft/miniature/judges/${name}`, ...wanted };
    const reward = await make(plugin as RewardPlugin<unknown>, options);
    const groups = JSON.parse(readFileSync(fixture('groups.json'), 'utf8')) as unknown[];
    const books = readSheet('groups.png', groups.length);
    const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
    const there = await judge(reward, books, Array(groups.length).fill(''));
    const absent = await judge(reward, scenes, animals);
    expect(mean(there.scores)).toBeGreaterThan(2 * mean(absent.scores));
    expect(isUsable(there.gradient)).toBe(true);
    books.dispose();
    reward.dispose();
  });

  it('the aesthetic head likes a scene better than the same in grey and with less contrast', async () => {
    const reward = await make(aesthetic, {
      checkpoint: 'npm:@draft/miniature/judges/clip',
      head: 'npm:@draft/miniature/judges/aesthetic/model.safetensors',
    });
    const dull: Tensor4D = tf.tidy(() =>
      tf.add(tf.mul(tf.tile(tf.mean(scenes, 3, true), [1, 1, 1, 3]), 0.5), 0.25),
    );
    const bright = await judge(reward, scenes, animals);
    const pale = await judge(reward, dull, animals);
    const right = bright.scores.filter((score, index) => score > pale.scores[index]!);
    expect(right.length).toBeGreaterThanOrEqual(42);
    expect(isUsable(bright.gradient)).toBe(true);
    dull.dispose();
    reward.dispose();
  });
});
