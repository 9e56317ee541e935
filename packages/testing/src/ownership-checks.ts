import { type BackendName, createRuntime, tf } from '@draft/core';
import { type ConformanceCheck, expectThat, reasonOf } from './conformance-check.js';
import { checkedOptions } from './options-checks.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import { testImages, withReward } from './reward-bench.js';
import type { FullRewardSettings } from './reward-settings.js';

const left = (count: number): string => `${count} ${count === 1 ? 'tensor' : 'tensors'}`;

/** What a reward may leave in memory, on one back end: nothing. */
export const ownershipChecks = (
  plugin: AnyRewardPlugin,
  settings: FullRewardSettings,
  backend: BackendName,
): readonly ConformanceCheck[] => [
  {
    title: `leaves no tensor behind, on ${backend}`,
    run: () =>
      withReward(plugin, settings, backend, async (bench) => {
        const images = testImages(2, settings.size, 6);
        const before = tf.memory().numTensors;
        const prepared = await bench.prepare(2);
        const between = tf.memory().numTensors;
        // Not tidied here, unlike elsewhere: what it makes on its way, it has to dispose of.
        const { reward } = bench;
        if ('score' in reward) reward.score(images, prepared).dispose();
        else await bench.score(images, prepared);
        const scored = tf.memory().numTensors - between;
        expectThat(scored === 0, `score leaves ${left(scored)}: put it into tf.tidy`);
        tf.dispose(prepared);
        const made = tf.memory().numTensors - before;
        expectThat(made === 0, `prepare leaves ${left(made)} besides what it returns: put it into tf.tidy`);
        images.dispose();
      }),
  },
  {
    title: `frees what it holds, and may be disposed of twice, on ${backend}`,
    async run() {
      const options = await checkedOptions(plugin, settings.options);
      const runtime = await createRuntime({ backend, log: () => {} });
      const before = tf.memory().numTensors;
      const reward = await plugin.create(options, { runtime, log: () => {} });
      reward.dispose();
      const kept = tf.memory().numTensors - before;
      expectThat(kept === 0, `dispose leaves ${left(kept)}`);
      try {
        reward.dispose();
      } catch (error) {
        expectThat(false, `the second dispose throws: ${reasonOf(error)}`);
      }
    },
  },
];
