import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createRandomSource,
  createRuntime,
  openSafetensors,
  type Reward,
  type Runtime,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import hpsv2 from '@draft/reward-hpsv2';
import { beforeAll, describe, expect, it } from 'vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const clip = (name: string): string =>
  fileURLToPath(new URL(`../../models-clip/test/fixtures/${name}`, import.meta.url));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
});

const file = openSafetensors(fixture('reference.safetensors'));
const { prompts } = JSON.parse(readFileSync(fixture('reference.json'), 'utf8')) as {
  prompts: string[];
};
const floats = (key: string) => new Float32Array(file.read(key).buffer);
const image = (key: string): Tensor4D =>
  tf.tidy(() => {
    const shape = file.entries.get(key)!.shape as [number, number, number, number];
    return tf.transpose(tf.tensor4d(floats(key), shape), [0, 2, 3, 1]);
  });
const parse = (options: unknown) => hpsv2.options['~standard'].validate(options);
const make = async (options: Readonly<Record<string, unknown>>): Promise<Reward> => {
  const parsed = await parse({
    ...{ checkpoint: clip('open-clip/weights.pt'), tokenizer: clip('tokenizer') },
    ...options,
  });
  if (parsed.issues) throw new Error(JSON.stringify(parsed.issues));
  return await hpsv2.create(parsed.value, { runtime, log: () => {} });
};
const context = { prompts, random: createRandomSource(1), iteration: 0 };
/** Largest difference, relative to the largest value that is expected. */
const difference = async (actual: Tensor, expected: Float32Array): Promise<number> => {
  const values = await actual.data();
  expect(values).toHaveLength(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0) / scale;
};

describe('hpsv2', () => {
  it.each(['official', 'crop', 'bilinear'] as const)(
    "gives PyTorch's scores and image gradients: %s",
    async (preprocessing) => {
      const images = image(`${preprocessing}.images`);
      const gradient = image(`${preprocessing}.gradient`);
      const cotangent = tf.tensor1d(floats('cotangent'));
      const before = tf.memory().numTensors;
      const reward = await make({ preprocessing });
      const prepared = (await reward.prepare?.(context)) ?? {};
      const compiled = runtime.compile('score', ({ x, ...rest }: Record<string, Tensor>) => ({
        scores: reward.score(x as Tensor4D, rest),
        gradient: tf.grad((y) => tf.sum(tf.mul(reward.score(y as Tensor4D, rest), cotangent)))(x!),
      }));
      const results = await compiled({ x: images, ...prepared });
      // Float32 on both sides, through a resampling, two layers and a norm.
      expect(await difference(results.scores!, floats(`${preprocessing}.scores`))).toBeLessThan(1e-5);
      expect(await difference(results.gradient!, gradient.dataSync() as Float32Array)).toBeLessThan(2e-5);
      tf.dispose([results, prepared]);
      compiled.dispose();
      reward.dispose();
      reward.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('lists what does not fit, before anything is read', async () => {
    const before = tf.memory().numTensors;
    await expect(make({ checkpoint: clip('text-gelu/model.safetensors') })).rejects.toThrow(
      /weights are missing|only "clip" can be run/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('validates its options strictly', async () => {
    expect((await parse({})).issues).toBeUndefined();
    for (const wrong of [{ preprocessing: 'best' }, { checkpoints: 'x' }, { checkpoint: '' }]) {
      expect((await parse(wrong)).issues).toBeDefined();
    }
  });
});
