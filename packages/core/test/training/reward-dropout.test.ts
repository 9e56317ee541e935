import {
  createRandomSource,
  type MeasuredReward,
  type Reward,
  type Tensor1D,
  type Tensor4D,
  tf,
  withRewardDropout,
} from '@draft/core';
import { describe, expect, it } from 'vitest';

const prompted: Reward = {
  differentiable: true,
  perSample: true,
  prepare: ({ prompts }) => ({ length: tf.tensor1d(prompts.map(({ length }) => length)) }),
  score: (images, { length }) =>
    tf.tidy(() => tf.mul(tf.mean(images, [1, 2, 3]), length as Tensor1D) as Tensor1D),
  dispose() {},
};

const measured: MeasuredReward = {
  differentiable: false,
  perSample: true,
  measure: async (pictures) => pictures.map(({ width }) => width),
  dispose() {},
};

const context = (count: number, seed = 1) => ({
  prompts: Array.from({ length: count }, () => 'four'),
  random: createRandomSource(seed),
  iteration: 0,
});

describe('withRewardDropout', () => {
  it('drops scores at its rate, enlarges the others, and so keeps the mean', async () => {
    const count = 2000;
    const reward = withRewardDropout(prompted, 0.25);
    const images = tf.fill([count, 1, 1, 3], 0.5) as Tensor4D;
    const prepared = (await reward.prepare?.(context(count))) ?? {};
    const scores = Array.from(tf.tidy(() => reward.score(images, prepared)).dataSync());
    // Without dropout each is 0.5 · 4 = 2.
    expect([...new Set(scores.map((score) => score.toFixed(4)))].sort()).toEqual(['0.0000', '2.6667']);
    const dropped = scores.filter((score) => score === 0).length / count;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.03); // three deviations of 2000 draws
    tf.dispose([images, prepared]);
  });

  it('draws from the random source that it is given, and passes no gradient of what it drops', async () => {
    const reward = withRewardDropout(prompted, 0.5);
    const keys = async (seed: number) => {
      const prepared = (await reward.prepare?.(context(16, seed))) ?? {};
      const images = tf.fill([16, 1, 1, 3], 0.5) as Tensor4D;
      const scores = Array.from(tf.tidy(() => reward.score(images, prepared)).dataSync());
      const gradient = tf.grad((x) => tf.sum(reward.score(x as Tensor4D, prepared)))(images);
      const slopes = Array.from(gradient.dataSync()).filter((_, i) => i % 3 === 0);
      tf.dispose([images, prepared, gradient]);
      expect(slopes.map((slope) => slope === 0)).toEqual(scores.map((score) => score === 0));
      return scores.join();
    };
    expect(await keys(1)).toBe(await keys(1));
    expect(await keys(1)).not.toBe(await keys(2));
  });

  it('works on rewards of finished pictures, too', async () => {
    const pictures = Array.from({ length: 40 }, () => ({ width: 3, height: 1, data: new Uint8Array(9) }));
    const scores = await withRewardDropout(measured, 0.5).measure(pictures, context(40));
    expect([...new Set(scores)].sort()).toEqual([0, 6]);
  });

  it('is the reward itself at 0, and refuses what is no rate', () => {
    expect(withRewardDropout(prompted, 0)).toBe(prompted);
    for (const rate of [-0.1, 1, Number.NaN]) {
      expect(() => withRewardDropout(prompted, rate)).toThrow(/must be in \[0, 1\)/);
    }
  });

  it('leaves no tensor behind', async () => {
    const reward = withRewardDropout(prompted, 0.5);
    const images = tf.fill([4, 1, 1, 3], 0.5) as Tensor4D;
    const before = tf.memory().numTensors;
    const prepared = (await reward.prepare?.(context(4))) ?? {};
    tf.dispose([reward.score(images, prepared), prepared]);
    expect(tf.memory().numTensors).toBe(before);
    images.dispose();
  });
});
