import { createRandomSource, type Tensor4D, tf } from '@draft/core';
import diversity, {
  createPixelDiversity,
  type DiversityOptions,
  diversityOptions,
} from '@draft/reward-diversity';
import { describeReward } from '@draft/testing';
import { describe, expect, it } from 'vitest';

const runner = { describe, it };
describeReward(diversity, { runner, package: import.meta.url });
describeReward(diversity, {
  runner,
  options: { distance: 'squared', block: 1 },
  label: 'squared, by pixels',
});
describeReward(diversity, { runner, options: { block: 5 }, label: 'blocks that do not fit' });

const score = (images: Tensor4D, options: Partial<DiversityOptions> = {}) =>
  tf.tidy(() =>
    Array.from(
      createPixelDiversity({ ...diversityOptions.parse({}), ...options })
        .score(images, {})
        .dataSync(),
    ),
  );

const shades = (...values: number[]) =>
  tf.tidy(() => tf.concat(values.map((value) => tf.fill([1, 8, 8, 3], value)))) as Tensor4D;

describe('the diversity reward', () => {
  it('is the distance from the partner in the reversed batch', () => {
    const images = shades(0, 0.25, 0.5, 1);
    for (const [i, value] of [1, 0.25, 0.25, 1].entries()) {
      expect(score(images)[i]).toBeCloseTo(value, 5);
      expect(score(images, { distance: 'squared' })[i]).toBeCloseTo(value ** 2, 5);
    }
    images.dispose();
  });

  it('scores a picture that has no partner next to 0', () => {
    const images = shades(0, 0.3, 1);
    expect(score(images)[1]).toBeLessThan(1e-3);
    const one = shades(0.3);
    expect(score(one)[0]).toBeLessThan(1e-3);
    tf.dispose([images, one]);
  });

  it('does not see noise that averages out within a block', () => {
    const signs = createRandomSource(1)
      .normal(4 * 4 * 3)
      .map(Math.sign);
    // Each block of 2 × 2 holds a number twice, and its negative twice.
    const noise = tf.tidy(() => {
      const tile = tf.tensor2d([1, -1, -1, 1], [2, 2]);
      const coarse = tf.tensor3d(signs, [4, 4, 3]);
      const fine = tf.reshape(
        tf.mul(tf.reshape(coarse, [4, 1, 4, 1, 3]), tf.reshape(tile, [1, 2, 1, 2, 1])),
        [1, 8, 8, 3],
      );
      return tf.concat([tf.add(0.5, tf.mul(0.1, fine)), tf.fill([1, 8, 8, 3], 0.5)]);
    }) as Tensor4D;
    expect(score(noise, { block: 1 })[0]).toBeCloseTo(0.1, 5);
    expect(score(noise, { block: 2 })[0]).toBeLessThan(1e-3);
    noise.dispose();
  });

  it('validates its options strictly', () => {
    expect(diversityOptions.parse({})).toEqual({ distance: 'euclidean', block: 4, network: 'alex' });
    for (const wrong of [{ block: 0 }, { block: 1.5 }, { distance: 'cosine' }, { blocks: 2 }]) {
      expect(diversityOptions.safeParse(wrong).success).toBe(false);
    }
  });
});
