import {
  type AnyReward,
  type BackendName,
  createRandomSource,
  createRuntime,
  type RewardContext,
  type Runtime,
  type Tensor4D,
  type TensorRecord,
  tf,
  toPixels,
} from '@draft/core';
import { checkedOptions } from './options-checks.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import type { FullRewardSettings } from './reward-settings.js';

/** A reward on one back end, with what is needed to try it. */
export interface RewardBench {
  readonly runtime: Runtime;
  readonly reward: AnyReward;
  /** What `prepare` gives for the first `count` prompts, from the same random numbers each time; the caller's. */
  prepare(count: number, first?: number): Promise<TensorRecord>;
  /**
   * Scores as numbers.
   * @param first The first prompt, for a reward that prepares nothing.
   */
  score(images: Tensor4D, prepared: TensorRecord, first?: number): Promise<readonly number[]>;
  /** `∂ Σ score / ∂ images`, the caller's. */
  gradient(images: Tensor4D, prepared: TensorRecord): Tensor4D;
}

/**
 * Reproducible images `[count, height, width, 3]` within `[0.05, 0.95]`: a slope of each image's own with noise on
 * it, so that all frequencies are there and no pixel is at an end of the range. The caller's.
 */
export const testImages = (
  count: number,
  [height, width]: readonly [number, number],
  seed: number,
): Tensor4D => {
  const random = createRandomSource(seed, 'test images');
  const size = height * width * 3;
  const data = new Float32Array(count * size);
  for (let image = 0; image < count; image += 1) {
    const own = random.child(image);
    const noise = own.normal(size);
    const tilt = 0.2 + 0.6 * own.uniform();
    for (let i = 0; i < size; i += 1) {
      const value = 0.5 + tilt * (i / size - 0.5) + 0.1 * (noise[i] ?? 0);
      data[image * size + i] = Math.min(0.95, Math.max(0.05, value));
    }
  }
  return tf.tensor4d(data, [count, height, width, 3]);
};

/** Makes the reward on a back end, hands it over, and disposes of it. */
export const withReward = async <Result>(
  plugin: AnyRewardPlugin,
  settings: FullRewardSettings,
  backend: BackendName,
  body: (bench: RewardBench) => Promise<Result>,
): Promise<Result> => {
  const options = await checkedOptions(plugin, settings.options);
  const runtime = await createRuntime({ backend, log: () => {} });
  const reward = await plugin.create(options, { runtime, log: () => {} });
  const context = (count: number, first: number): RewardContext => ({
    prompts: Array.from(
      { length: count },
      (_, i) => settings.prompts[(first + i) % settings.prompts.length] ?? '',
    ),
    random: createRandomSource(1, 'conformance'),
    iteration: 0,
  });
  try {
    return await body({
      runtime,
      reward,
      prepare: async (count, first = 0) =>
        'score' in reward ? ((await reward.prepare?.(context(count, first))) ?? {}) : {},
      async score(images, prepared, first = 0) {
        if (!('score' in reward)) {
          const pictures = toPixels(await images.data(), images.shape);
          return reward.measure(pictures, context(pictures.length, first));
        }
        const scores = tf.tidy(() => reward.score(images, prepared));
        const values = Array.from(await scores.data());
        scores.dispose();
        return values;
      },
      gradient(images, prepared) {
        if (!('score' in reward)) throw new Error('a reward of pictures has no gradient');
        return tf.grad((x) => tf.sum(reward.score(x as Tensor4D, prepared)))(images) as Tensor4D;
      },
    });
  } finally {
    reward.dispose();
  }
};

/** Scores as a message shows them. */
export const shown = (values: readonly number[]): string =>
  values.map((value) => String(Number(value.toPrecision(6)))).join(', ');

/** Largest difference of two lists of scores, relative to the largest score or to 1. */
export const scoreDifference = (a: readonly number[], b: readonly number[]): number => {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const largest = Math.max(1, ...a.map(Math.abs), ...b.map(Math.abs));
  const differences = a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)));
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(0, ...differences) / largest;
};
