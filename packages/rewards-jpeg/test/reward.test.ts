import { createRandomSource, type PluginContext, type Reward, type Tensor4D, tf } from '@draft/core';
import { createJpegCodec, createJpegReward, type JpegOptions, jpegOptions } from '@draft/reward-jpeg';
import { describe, expect, it } from 'vitest';
import compressibility from '../src/compressibility.js';
import incompressibility from '../src/incompressibility.js';

const context = { log: () => {} } as unknown as PluginContext; // the rewards ask for nothing
const options = (changes: Partial<JpegOptions> = {}): JpegOptions => ({
  ...jpegOptions.parse({}),
  ...changes,
});

/** Reproducible images: a slope with noise on it. */
const images = (shape: [number, number, number, number], seed = 1, noise = 0.1): Tensor4D => {
  const draws = createRandomSource(seed).normal(shape.reduce((a, b) => a * b, 1));
  return tf.tensor4d(
    draws.map((value, index) => Math.min(1, Math.max(0, 0.2 + (0.6 * index) / draws.length + noise * value))),
    shape,
  );
};

const scores = (reward: Reward, x: Tensor4D) => tf.tidy(() => [...reward.score(x, {}).dataSync()]);

describe('compressibility and incompressibility', () => {
  it('are the two signs of one distance', () => {
    const x = images([2, 24, 20, 3]);
    const low = compressibility.create(options(), context) as Reward;
    const high = incompressibility.create(options(), context) as Reward;
    expect(scores(low, x).every((score) => score < 0)).toBe(true);
    expect(scores(high, x)).toEqual(scores(low, x).map((score) => -score));
    x.dispose();
  });

  it('prefer a smooth picture, and a noisy one', () => {
    const [smooth, noisy] = [images([1, 32, 32, 3], 1, 0), images([1, 32, 32, 3], 1, 0.2)];
    const reward = createJpegReward(options(), -1);
    expect(scores(reward, smooth)[0]).toBeGreaterThan(scores(reward, noisy)[0]!);
    tf.dispose([smooth, noisy]);
  });

  it('measure the mean squared error, or the Euclidean distance', () => {
    const x = images([2, 16, 16, 3]);
    const squared = scores(createJpegReward(options({ distance: 'squared' }), 1), x);
    const euclidean = scores(createJpegReward(options({ distance: 'euclidean' }), 1), x);
    for (const [index, value] of euclidean.entries()) {
      expect(value).toBeCloseTo(Math.sqrt(squared[index]! * 16 * 16 * 3), 5);
    }
    x.dispose();
  });

  it('lose more at a lower quality', () => {
    const x = images([1, 32, 32, 3]);
    const losses = [95, 80, 50, 20, 1].map(
      (quality) => scores(createJpegReward(options({ quality }), 1), x)[0]!,
    );
    expect(losses).toEqual([...losses].sort((a, b) => a - b));
    x.dispose();
  });

  it('score each image by itself', () => {
    const [a, b] = [images([1, 20, 12, 3], 1), images([1, 20, 12, 3], 2)];
    const both = tf.concat([a, b]) as Tensor4D;
    const reward = createJpegReward(options(), -1);
    const expected = [...scores(reward, a), ...scores(reward, b)];
    for (const [index, score] of scores(reward, both).entries())
      expect(score).toBeCloseTo(expected[index]!, 7);
    tf.dispose([a, b, both]);
  });

  it.each([
    [1, 1],
    [5, 3],
    [17, 31],
    [40, 8],
  ])('take pictures of any size: %i × %i', (height, width) => {
    const x = images([1, height, width, 3]);
    const picture = createJpegCodec(options()).roundTrip(x);
    expect(picture.shape).toEqual([1, height, width, 3]);
    expect(picture.dataSync().every((value) => value >= 0 && value <= 1)).toBe(true);
    tf.dispose([x, picture]);
  });

  it('keep a padded picture as the mirror image beside it would', () => {
    const half = images([1, 16, 8, 3]);
    const whole = tf.concat([half, tf.reverse(half, 2)], 2) as Tensor4D;
    const codec = createJpegCodec(options());
    const difference = tf.tidy(() =>
      tf
        .max(
          tf.abs(
            tf.sub(codec.roundTrip(half), tf.slice(codec.roundTrip(whole), [0, 0, 0, 0], [1, 16, 8, 3])),
          ),
        )
        .dataSync(),
    );
    expect(difference[0]).toBe(0);
    tf.dispose([half, whole]);
  });

  it.each(['squared', 'euclidean'] as const)(
    'have the gradient of their finite differences, %s',
    (distance) => {
      const x = images([2, 17, 16, 3], 3, 0.05);
      const reward = createJpegReward(options({ distance, quality: 50 }), -1);
      const total = (y: Tensor4D) => tf.sum(reward.score(y, {}));
      const gradient = tf.grad((y) => total(y as Tensor4D))(x);
      // Along a random direction, so that the difference stands out of float32's noise; soft rounding is continuous
      // up to half-way points, which a short step seldom crosses.
      const direction = tf.tensor4d(createRandomSource(9).normal(x.size), x.shape);
      const step = 1e-4;
      const at = (sign: number) =>
        tf.tidy(() => total(tf.add(x, tf.mul(direction, sign * step)) as Tensor4D).dataSync()[0]!);
      const slope = tf.tidy(() => tf.sum(tf.mul(gradient, direction)).dataSync()[0]!);
      expect((at(1) - at(-1)) / (2 * step) / slope).toBeCloseTo(1, 1);
      tf.dispose([x, gradient, direction]);
    },
  );

  it.each(['squared', 'euclidean'] as const)('stay finite on a constant picture, %s', (distance) => {
    const flat = tf.fill([1, 16, 16, 3], 128 / 255) as Tensor4D;
    const reward = createJpegReward(options({ distance }), -1);
    const gradient = tf.grad((y) => tf.sum(reward.score(y as Tensor4D, {})))(flat);
    expect(Math.abs(scores(reward, flat)[0]!)).toBeLessThan(1e-3);
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    tf.dispose([flat, gradient]);
  });

  it('leave no tensors behind', () => {
    const x = images([1, 20, 20, 3]);
    const reward = createJpegReward(options(), -1);
    const before = tf.memory().numTensors;
    reward.score(x, {}).dispose();
    tf.dispose(tf.grad((y) => tf.sum(reward.score(y as Tensor4D, {})))(x));
    expect(tf.memory().numTensors).toBe(before);
    reward.dispose();
    x.dispose();
  });

  it.each([{ quality: 0 }, { quality: 101 }, { distance: 'cosine' }, { qualty: 80 }])(
    'refuse the options %j',
    (wrong) => {
      expect(jpegOptions.safeParse(wrong).success).toBe(false);
    },
  );
});
