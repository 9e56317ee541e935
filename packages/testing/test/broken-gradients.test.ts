import { createRandomSource, type Reward, type Tensor, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { rewardChecks } from '../src/index.js';
import { failures } from './failures.js';
import { goodReward, plugin } from './rewards.js';

const good = goodReward({ target: 0.8 });

/** The good reward with a gradient of its own making. */
const withGradient = (gradient: (right: Tensor) => Tensor): Partial<Reward> => {
  const score = tf.customGrad((...args) => {
    const [images, save] = args as unknown as [Tensor4D, (tensors: Tensor[]) => void];
    save([images]);
    return {
      value: good.score(images, {}),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        tf.tidy(() => {
          const [x] = saved as [Tensor4D];
          const slope = tf.mul(dy, tf.mul(-2 / (6 * 8 * 3), tf.sub(tf.mean(x, [1, 2, 3]), 0.8))); // [n]
          return gradient(tf.mul(tf.onesLike(x), tf.reshape(slope, [-1, 1, 1, 1])));
        }),
    };
  });
  return { score: (images) => score(images) as Tensor1D };
};

type Hole = (y: number, x: number, channel: number) => boolean;

/** A gradient of 6 × 8 pixels with another factor in a part of them. */
const scaled = (right: Tensor, part: Hole, factor: number): Tensor => {
  const factors = Array.from({ length: 6 * 8 * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return part(Math.floor(pixel / 8), pixel % 8, i % 3) ? factor : 1;
  });
  return tf.mul(right, tf.tensor4d(factors, [1, 6, 8, 3]));
};

const without =
  (hole: Hole) =>
  (right: Tensor): Tensor =>
    scaled(right, hole, 0);

const noise = (): Tensor => tf.tensor4d(createRandomSource(2).normal(2 * 6 * 8 * 3), [2, 6, 8, 3]);

describe('the check of gradients', () => {
  it.each<[string, (right: Tensor) => Tensor, RegExp]>([
    ['is 0 everywhere', (right) => tf.zerosLike(right), /gradient is 0 everywhere/],
    ['is 5 % too long', (right) => tf.mul(right, 1.05), /gradient is off by 4\.[678] % in/],
    ['is 3 % too short', (right) => tf.mul(right, 0.97), /off by 3\.[012] % in/],
    ['is 0 in one row', without((y) => y === 4), /% where it is 0/],
    ['is 0 in one column', without((_, x) => x === 0), /% where it is 0/],
    ['is 0 in one channel', without((_, __, channel) => channel === 2), /% where it is 0/],
    ['is 0 in one corner', without((y, x) => y < 2 && x < 2), /% where it is 0/],
    ['is 0 in one pixel', without((y, x) => y === 3 && x === 5), /% where it is 0/],
    ['is 0 in one image', (right) => tf.mul(right, tf.tensor4d([1, 0], [2, 1, 1, 1])), /where it is 0/],
    ['is halved in one row', (right) => scaled(right, (y) => y === 4, 0.5), /off by 33\.\d % in rows 4 to 5/],
    ['is halved in one channel', (right) => scaled(right, (_, __, c) => c === 0, 0.5), /in the red channel/],
    [
      'is turned round in one corner',
      (right) => scaled(right, (y, x) => y < 2 && x < 2, -1),
      /in (rows|columns) 1 to 2/,
    ],
    ["is another image's", (right) => tf.reverse(right, 0), /gradient is off by/],
    ['weights channels', (right) => tf.mul(right, tf.tensor1d([0.5, 1, 1.5])), /in the red channel/],
    [
      'is each second row twice',
      (right) => tf.mul(right, tf.tensor4d([2, 0, 2, 0, 2, 0], [1, 6, 1, 1])),
      /off by/,
    ],
    ['has noise on it', (right) => tf.add(right, tf.mul(tf.mean(tf.abs(right)), noise())), /off by/],
  ])('finds a gradient that %s', async (_, gradient, reason) => {
    const failed = await failures(
      rewardChecks(
        plugin(() => withGradient(gradient)),
        { size: [6, 8], backends: ['cpu'] },
      ),
    );
    expect(Object.keys(failed)).toEqual(['has the gradient of its finite differences, on cpu']);
    expect(failed['has the gradient of its finite differences, on cpu']).toMatch(reason);
  });

  it.each<[string, (images: Tensor4D) => Tensor]>([
    ['kinks everywhere', (x) => tf.mean(tf.abs(tf.sub(x, 0.5)), [1, 2, 3])],
    ['a centre crop', (x) => tf.mean(tf.square(tf.slice(x, [0, 1, 2, 0], [-1, 4, 4, 3])), [1, 2, 3])],
    ['a maximum over places', (x) => tf.max(tf.mean(tf.avgPool(x, 2, 2, 'valid'), 3), [1, 2])],
    ['pixels that are saturated', (x) => tf.mean(tf.relu(tf.sub(x, 0.5)), [1, 2, 3])],
    ['an offset that drowns its changes', (x) => tf.add(30, tf.mean(tf.square(x), [1, 2, 3]))],
    ['sharp curves', (x) => tf.mean(tf.sin(tf.mul(60, x)), [1, 2, 3])],
  ])('has nothing against a reward with %s', async (_, score) => {
    const right = plugin(() => ({ score: (images) => tf.tidy(() => score(images) as Tensor1D) }));
    // As large as usual: among few pixels, a kink is seldom far away.
    await expect(failures(rewardChecks(right))).resolves.toEqual({});
  });
});
