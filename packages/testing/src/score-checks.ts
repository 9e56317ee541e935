import { type BackendName, type Tensor4D, tf } from '@draft/core';
import { checkRange } from './check-range.js';
import { type ConformanceCheck, expectThat } from './conformance-check.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import { type RewardBench, scoreDifference, shown, testImages, withReward } from './reward-bench.js';
import type { FullRewardSettings } from './reward-settings.js';

const sizesFor = ([height, width]: readonly [number, number]): readonly (readonly [number, number])[] => [
  [height, width],
  [width, height],
  [height, height],
];

/** Scores the chosen images of a batch, in the order given. */
const scoreChosen = async (bench: RewardBench, batch: Tensor4D, chosen: readonly number[]) => {
  const images = tf.gather(batch, [...chosen]) as Tensor4D;
  const parts = await Promise.all(chosen.map((index) => bench.prepare(1, index)));
  const names = Object.keys(parts[0] ?? {});
  const prepared = Object.fromEntries(
    names.map((name) => [name, tf.concat(parts.flatMap((part) => part[name] ?? []))]),
  );
  const scores = await bench.score(images, prepared);
  tf.dispose([images, parts, prepared]);
  return scores;
};

/** What the scores of a reward have to be, on one back end. */
export const scoreChecks = (
  plugin: AnyRewardPlugin,
  settings: FullRewardSettings,
  backend: BackendName,
): readonly ConformanceCheck[] => {
  const on = (body: (bench: RewardBench) => Promise<void>) => () =>
    withReward(plugin, settings, backend, body);
  const { scoreTolerance: tolerance, size } = settings;
  const { card } = plugin;
  return [
    {
      title: `gives one finite score an image, on ${backend}`,
      run: on(async (bench) => {
        for (const shape of sizesFor(size)) {
          for (const count of [1, 3]) {
            const images = testImages(count, shape, 1);
            const prepared = await bench.prepare(count);
            const { reward } = bench;
            const wanted = `${count} images of ${shape.join('×')}`;
            if ('score' in reward) {
              const given = tf.tidy(() => reward.score(images, prepared));
              expectThat(
                given.shape.length === 1 && given.shape[0] === count,
                `for ${wanted} it returns [${given.shape.join(', ')}] instead of [${count}]`,
              );
              given.dispose();
            }
            const values = await bench.score(images, prepared);
            expectThat(values.length === count, `for ${wanted} it returns ${values.length} scores`);
            expectThat(values.every(Number.isFinite), `for ${wanted} it returns ${shown(values)}`);
            tf.dispose([images, prepared]);
          }
        }
      }),
    },
    {
      title: `keeps to the range of its card, on ${backend}`,
      run: on(async (bench) => {
        // Other weights than the published ones have another range.
        if (card?.range && card.weights === undefined) await checkRange(bench, card.range, settings);
      }),
    },
    {
      title: `gives the same scores again, on ${backend}`,
      run: on(async (bench) => {
        const images = testImages(3, size, 2);
        const scores: (readonly number[])[] = [];
        for (let i = 0; i < 2; i += 1) {
          const prepared = await bench.prepare(3);
          scores.push(await bench.score(images, prepared));
          tf.dispose(prepared);
        }
        images.dispose();
        const [first = [], second = []] = scores;
        expectThat(
          scoreDifference(first, second) <= 1e-6,
          `the same images score ${shown(first)} and then ${shown(second)}: take random numbers from context.random`,
        );
      }),
    },
    {
      title: `reads prompts where it says so, on ${backend}`,
      run: on(async (bench) => {
        const images = testImages(2, size, 10);
        const scores: (readonly number[])[] = [];
        for (const first of [0, 1, 0]) {
          const prepared = await bench.prepare(2, first);
          scores.push(await bench.score(images, prepared, first));
          tf.dispose(prepared);
        }
        images.dispose();
        const [some = [], others = [], again = []] = scores;
        // What changes anyway says nothing about prompts, and is another check's.
        if (scoreDifference(some, again) > 1e-6) return;
        const reads = scoreDifference(some, others) > 1e-6;
        const shownScores = `with some prompts its images score ${shown(some)}, with others ${shown(others)}`;
        expectThat(
          reads || plugin.readsPrompts !== true,
          `${shownScores}: it has readsPrompts, but reads none`,
        );
        expectThat(
          !reads || plugin.readsPrompts === true,
          `${shownScores}: give the plugin readsPrompts: true`,
        );
      }),
    },
    {
      title: `leaves its images alone, on ${backend}`,
      run: on(async (bench) => {
        const images = testImages(2, size, 3);
        const before = Array.from(await images.data());
        const prepared = await bench.prepare(2);
        await bench.score(images, prepared);
        expectThat(!images.isDisposed, 'it disposed of its images, which are the caller’s');
        const gone = Object.entries(prepared).find(([, tensor]) => tensor.isDisposed)?.[0];
        expectThat(gone === undefined, `it disposed of the prepared tensor ${gone}, which is the caller’s`);
        const after = await images.data();
        expectThat(
          before.every((value, i) => value === after[i]),
          'it changed its images',
        );
        tf.dispose([images, prepared]);
      }),
    },
    {
      title: `scores an image by itself where it says so, on ${backend}`,
      run: on(async (bench) => {
        if (!bench.reward.perSample) return;
        const images = testImages(3, size, 4);
        const together = await scoreChosen(bench, images, [0, 1, 2]);
        const turned = await scoreChosen(bench, images, [2, 0, 1]);
        const alone = [
          ...(await scoreChosen(bench, images, [0])),
          ...(await scoreChosen(bench, images, [1])),
          ...(await scoreChosen(bench, images, [2])),
        ];
        images.dispose();
        const back = [turned[1], turned[2], turned[0]].map(Number);
        expectThat(
          scoreDifference(together, alone) <= tolerance && scoreDifference(together, back) <= tolerance,
          `in a batch its images score ${shown(together)}, by themselves ${shown(alone)}, in another order ${shown(back)}: it is not perSample`,
        );
      }),
    },
  ];
};
