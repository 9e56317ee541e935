import { type RewardCard, type Tensor4D, tf } from '@draft/core';
import { expectThat } from './conformance-check.js';
import { type RewardBench, testImages } from './reward-bench.js';
import type { FullRewardSettings } from './reward-settings.js';

/** Fails where noise or a flat picture scores outside of a range. */
export const checkRange = async (
  bench: RewardBench,
  [lowest, highest]: NonNullable<RewardCard['range']>,
  { size, scoreTolerance }: FullRewardSettings,
): Promise<void> => {
  const noise = testImages(2, size, 9);
  const shades = tf.tidy(() => tf.concat([0, 0.5, 1].map((shade) => tf.fill([1, ...size, 3], shade))));
  for (const images of [noise, shades as Tensor4D]) {
    const prepared = await bench.prepare(images.shape[0]);
    const scores = await bench.score(images, prepared);
    const beyond = scores.find(
      (score) =>
        score < (lowest ?? Number.NEGATIVE_INFINITY) - scoreTolerance ||
        score > (highest ?? Number.POSITIVE_INFINITY) + scoreTolerance,
    );
    expectThat(
      beyond === undefined,
      `a picture scores ${beyond}, outside of the range of its card, ${lowest ?? 'any'} to ${highest ?? 'any'}`,
    );
    tf.dispose([images, prepared]);
  }
};
