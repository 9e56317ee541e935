import type { Reward, Tensor1D, Tensor4D } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { scoreImages } from '../../src/chain/score-images.js';
import { tf } from '../../src/runtime/tf.js';
import { differentiableRewards } from '../../src/training/differentiable-rewards.js';
import { requireTrainable, type TrainingRequest } from '../../src/training/require-trainable.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const reward = (changes: Partial<Reward> = {}): Reward => ({
  differentiable: true,
  perSample: true,
  score: (images) => tf.mean(images, [1, 2, 3]) as Tensor1D,
  dispose: () => {},
  ...changes,
});

describe('requireTrainable', () => {
  const request: TrainingRequest = {
    rewards: [{ name: 'light', weight: 1, reward: reward() }],
    prompts: ['a fox'],
    batch: 4,
    accumulate: 2,
  };

  it('lets pass what can be trained', () => {
    expect(() => requireTrainable(request)).not.toThrow();
  });

  it.each<[string, Partial<TrainingRequest>, string]>([
    ['no reward', { rewards: [] }, 'There is no reward to train on'],
    ['no prompt', { prompts: [] }, 'There is no prompt to train on'],
    [
      'an empty batch',
      { batch: 0 },
      'The option batch of a trainer must be a whole number of at least 1, not 0.',
    ],
    ['half a picture', { microBatch: 0.5 }, 'The option microBatch of a trainer must be'],
    ['nothing to average', { accumulate: Number.NaN }, 'The option accumulate of a trainer must be'],
  ])('refuses %s', (_, changes, message) => {
    expect(() => requireTrainable({ ...request, ...changes })).toThrow(message);
  });
});

describe('differentiableRewards', () => {
  it('refuses a reward without gradient, and names the algorithm that can train on it', () => {
    const rewards = [{ name: 'stars', weight: 1, reward: reward({ differentiable: false }) }];
    expect(() => differentiableRewards(rewards)).toThrow(
      'The reward stars has no gradient in the images, which this algorithm needs: train on it with the algorithm ddpo',
    );
    const measured = {
      differentiable: false,
      perSample: true,
      measure: async () => [1],
      dispose: () => {},
    } as const;
    expect(() => differentiableRewards([{ name: 'size', weight: 1, reward: measured }])).toThrow(
      /size has no gradient/,
    );
    const fine = [{ name: 'light', weight: 1, reward: reward() }];
    expect(differentiableRewards(fine)).toEqual(fine);
  });
});

describe('scoreImages', () => {
  const score = (make: (images: Tensor4D) => unknown) =>
    tf.tidy(() =>
      scoreImages(
        'light',
        { score: make as Reward['score'] },
        tf.ones([3, 2, 2, 3]) as Tensor4D,
        {},
      ).arraySync(),
    );

  it('gives one number an image', () => {
    expect(score(reward().score as (images: Tensor4D) => unknown)).toEqual([1, 1, 1]);
  });

  it.each<[string, (images: Tensor4D) => unknown, string]>([
    ['one for all', (images) => tf.mean(images), 'returned [] for 3 images'],
    ['a column', (images) => tf.mean(images, [1, 2, 3]).expandDims(1), 'returned [3, 1] for 3 images'],
    ['nothing', () => undefined, 'returned undefined for 3 images'],
  ])('refuses %s', (_, make, message) => {
    expect(() => score(make)).toThrow(`The reward light ${message}: its score must be a tensor [3]`);
  });
});
