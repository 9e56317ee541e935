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
import diversity, { diversityOptions, loadLpips, maxPool } from '@draft/reward-diversity';
import { describeReward } from '@draft/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const optionsFor = (network: 'alex' | 'vgg') => ({
  distance: 'lpips' as const,
  network,
  backbone: fixture(`${network}-backbone.pth`),
  heads: fixture(`${network}-heads.pth`),
});

let runtime: Runtime;
const start = async (backend: 'tensorflow' | 'wasm'): Promise<void> => {
  runtime = await createRuntime({ backend, computeType: 'float32' });
};
beforeAll(() => start('tensorflow'));
const make = async (options: object): Promise<Reward> =>
  (await diversity.create(diversityOptions.parse(options), { runtime, log: () => {} })) as Reward;

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const difference = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largest(Array.from(expected, (value, i) => value - actual[i]!)) / largest(expected);

describe('lpips', () => {
  it.each([
    ['alex', 'tensorflow'],
    ['alex', 'wasm'],
    ['vgg', 'tensorflow'],
    ['vgg', 'wasm'],
  ] as const)("gives the package's distances and gradients: %s, on %s", async (network, backend) => {
    await start(backend);
    onTestFinished(() => start('tensorflow'));
    const file = openSafetensors(fixture(`${network}.safetensors`));
    const floats = (key: string) => new Float32Array(file.read(key).buffer);
    const nhwc = (key: string): Tensor4D =>
      tf.tidy(() =>
        tf.transpose(
          tf.tensor4d(floats(key), file.entries.get(key)!.shape as [number, number, number, number]),
          [0, 2, 3, 1],
        ),
      );
    const before = tf.memory().numTensors;
    const reward = await make(optionsFor(network));
    const images = nhwc('images');
    const cotangent = tf.tensor1d(floats('cotangent'));
    const compiled = runtime.compile('lpips', ({ x, c }: { readonly x: Tensor; readonly c: Tensor }) => {
      const weighted = (y: Tensor) => tf.sum(tf.mul(reward.score(y as Tensor4D, {}), c));
      return { distances: reward.score(x as Tensor4D, {}), gradient: tf.grad(weighted)(x) };
    });
    const results = await compiled({ x: images, c: cotangent });
    // Float32 on both sides, through up to thirteen layers.
    expect(difference(await results.distances.data(), floats('distances'))).toBeLessThan(1e-5);
    const gradient = nhwc('gradient');
    expect(difference(await results.gradient.data(), await gradient.data())).toBeLessThan(1e-4);
    // Partners are as far from each other, and the middle one is its own.
    const [first, middle, last] = await results.distances.data();
    expect(first).toBe(last);
    expect(middle).toBe(0);
    tf.dispose([results, images, cotangent, gradient]);
    compiled.dispose();
    reward.dispose();
    reward.dispose();
    expect(tf.memory().numTensors).toBe(before);
    file.close();
  });

  it('refuses what does not fit, and frees what it has read', async () => {
    const before = tf.memory().numTensors;
    const { heads, backbone } = optionsFor('alex');
    await expect(make({ ...optionsFor('vgg'), heads })).rejects.toThrow(
      /alex-heads\.pth does not fit the features of 5, 6, 8/,
    );
    await expect(make({ ...optionsFor('alex'), backbone: heads })).rejects.toThrow(/features\.0/);
    await expect(make({ ...optionsFor('alex'), heads: backbone })).rejects.toThrow(/lin0\.model\.1\.weight/);
    expect(tf.memory().numTensors).toBe(before);
    const lpips = await loadLpips(optionsFor('alex'), { runtime, log: () => {} });
    const small = tf.zeros([2, 30, 40, 3]) as Tensor4D;
    expect(() => lpips.distances(small)).toThrow(
      /Pictures of 30 × 40 pixels are too small .* alex: 31 are needed/,
    );
    small.dispose();
    lpips.dispose();
  });
});

describe('maxPool', () => {
  it.each([
    [2, 6, 8],
    [2, 7, 5],
    [3, 7, 9],
    [3, 8, 6],
    [3, 3, 4],
  ] as const)('is that of the kernel: %i, %i × %i', (window, height, width) => {
    tf.tidy(() => {
      const x = tf.tensor4d(createRandomSource(1).normal(2 * height * width * 3), [2, height, width, 3]);
      const own = maxPool(x, window);
      const kernel = tf.maxPool(x, window, 2, 'valid');
      expect(own.shape).toEqual(kernel.shape);
      expect(difference(own.dataSync(), kernel.dataSync())).toBe(0);
      const weights = tf.tensor(createRandomSource(2).normal(own.size), own.shape);
      const slope = (f: (y: Tensor4D) => Tensor) =>
        tf
          .grad((y) => tf.sum(tf.mul(f(y as Tensor4D), weights)))(x)
          .dataSync();
      const theirs = slope((y) => tf.maxPool(y, window, 2, 'valid'));
      // Sums of at most four numbers, in another order.
      expect(
        difference(
          slope((y) => maxPool(y, window)),
          theirs,
        ),
      ).toBeLessThan(1e-6);
    });
  });
});

for (const network of ['alex', 'vgg'] as const) {
  describeReward(diversity, {
    runner: { describe, it },
    options: optionsFor(network),
    label: `LPIPS of ${network}`,
    // Little more than the smallest picture that AlexNet takes.
    size: [36, 33],
  });
}
