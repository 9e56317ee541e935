import { type BackendName, type Tensor, type Tensor4D, tf } from '@draft/core';
import { type ConformanceCheck, expectThat, reasonOf } from './conformance-check.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import { type RewardBench, scoreDifference, shown, testImages, withReward } from './reward-bench.js';
import type { FullRewardSettings } from './reward-settings.js';

/** Runs something with an eager fallback being an error. */
const strictly = async (body: () => Promise<void>): Promise<void> => {
  const before = process.env.DRAFT_STRICT_GRAPHS;
  process.env.DRAFT_STRICT_GRAPHS = '1';
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env.DRAFT_STRICT_GRAPHS;
    else process.env.DRAFT_STRICT_GRAPHS = before;
  }
};

const compareBatches = async ({ runtime, reward, ...bench }: RewardBench, settings: FullRewardSettings) => {
  if (!('score' in reward)) return;
  const compiled = runtime.compile('conformance', ({ images, ...prepared }: Record<string, Tensor>) => {
    const score = (x: Tensor) => reward.score(x as Tensor4D, prepared);
    const scores = score(images as Tensor);
    if (!reward.differentiable) return { scores };
    return { scores, gradient: tf.grad((x) => tf.sum(score(x)))(images as Tensor) };
  });
  // The second batch has other images and prompts of the same shapes, so it replays what the first recorded.
  for (const [seed, first] of [
    [7, 0],
    [8, 1],
  ] as const) {
    const images = testImages(2, settings.size, seed);
    const prepared = await bench.prepare(2, first);
    const expected = await bench.score(images, prepared);
    const result: { scores: Tensor; gradient?: Tensor } = await compiled({ ...prepared, images });
    const actual = Array.from(await result.scores.data());
    expectThat(
      scoreDifference(actual, expected) <= settings.scoreTolerance,
      `recorded it scores ${shown(actual)}, run op by op ${shown(expected)}: score must depend on its arguments alone`,
    );
    if (result.gradient !== undefined) {
      const eager = bench.gradient(images, prepared);
      const error = tf.tidy(() =>
        tf.div(tf.norm(tf.sub(result.gradient as Tensor, eager)), tf.maximum(tf.norm(eager), 1e-30)),
      );
      const [relative = Number.NaN] = await error.data();
      // Soft thresholds may fall to the other side where a sum is rounded differently.
      expectThat(relative <= 1e-2, `recorded, its gradient differs by ${relative} of its norm`);
      tf.dispose([eager, error, result.gradient]);
    }
    tf.dispose([images, prepared, result.scores]);
  }
  compiled.dispose();
};

/** That a reward can be recorded as a graph, where the back end has graphs. */
export const graphChecks = (
  plugin: AnyRewardPlugin,
  settings: FullRewardSettings,
  backend: BackendName,
): readonly ConformanceCheck[] =>
  backend !== 'tensorflow'
    ? []
    : [
        {
          title: `is recorded as a graph, on ${backend}`,
          run: () =>
            withReward(plugin, settings, backend, (bench) =>
              strictly(async () => {
                try {
                  await compareBatches(bench, settings);
                } catch (error) {
                  expectThat(false, reasonOf(error));
                }
              }),
            ),
        },
      ];
