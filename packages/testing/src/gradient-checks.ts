import { type BackendName, type Tensor4D, tf } from '@draft/core';
import { type ConformanceCheck, expectThat } from './conformance-check.js';
import { differenceSteps, type GradientFault, gradientFaults } from './gradient-faults.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import { type RewardBench, testImages, withReward } from './reward-bench.js';
import type { FullRewardSettings } from './reward-settings.js';

const percent = (error: number): string => `${(100 * error).toFixed(1)} %`;

/** Where the gradient of some images is wrong. */
const faultsOf = async (
  bench: RewardBench,
  { size, gradientTolerance }: FullRewardSettings,
  seed: number,
  places?: ReadonlySet<string>,
): Promise<readonly GradientFault[]> => {
  const images = testImages(2, size, seed);
  const prepared = await bench.prepare(2);
  const gradient = bench.gradient(images, prepared);
  const slopes = Array.from(await gradient.data());
  const norm = Math.hypot(...slopes);
  expectThat(Number.isFinite(norm), `the norm of its gradient is ${norm}`);
  expectThat(norm > 0, 'its gradient is 0 everywhere, so nothing can be learnt from it');
  const { perSample } = bench.reward;
  const score = (changed: Tensor4D) => bench.score(changed, prepared);
  const faults = await gradientFaults({ images, slopes, perSample, score }, gradientTolerance, places);
  tf.dispose([images, prepared, gradient]);
  return faults;
};

/** What the gradient of a reward has to be, on one back end. */
export const gradientChecks = (
  plugin: AnyRewardPlugin,
  settings: FullRewardSettings,
  backend: BackendName,
): readonly ConformanceCheck[] => [
  {
    title: `has the gradient of its finite differences, on ${backend}`,
    run: () =>
      withReward(plugin, settings, backend, async (bench) => {
        if (!bench.reward.differentiable) return;
        const faults = await faultsOf(bench, settings, 5);
        if (faults.length === 0) return;
        // A kink next to a picture may look like a mistake, but not next to two pictures; a mistake is everywhere.
        const suspect = new Set(faults.map(({ where }) => where));
        const [worst] = [...(await faultsOf(bench, settings, 6, suspect))].sort(
          (a, b) => Math.min(...b.errors) - Math.min(...a.errors),
        );
        if (worst === undefined) return;
        const { where, errors } = worst;
        expectThat(
          false,
          `its gradient is off by ${percent(Math.min(...errors))} ${where} (${errors.map(percent).join(', ')} from differences over ${differenceSteps.join(', ')}; allowed: ${percent(settings.gradientTolerance)})`,
        );
      }),
  },
  {
    title: `stays finite on flat pictures, on ${backend}`,
    run: () =>
      withReward(plugin, settings, backend, async (bench) => {
        for (const shade of [0, 0.5, 1]) {
          const images = tf.fill([2, ...settings.size, 3], shade) as Tensor4D;
          const prepared = await bench.prepare(2);
          const scores = await bench.score(images, prepared);
          expectThat(
            scores.every(Number.isFinite),
            `pictures of the shade ${shade} score ${scores.join(', ')}`,
          );
          if (bench.reward.differentiable) {
            const gradient = bench.gradient(images, prepared);
            const values = await gradient.data();
            expectThat(
              values.every(Number.isFinite),
              `its gradient is no number on pictures of the shade ${shade}: training would stop there`,
            );
            gradient.dispose();
          }
          tf.dispose([images, prepared]);
        }
      }),
  },
];
