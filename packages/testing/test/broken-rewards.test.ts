import { type Reward, type Tensor, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyRewardPlugin, rewardChecks } from '../src/index.js';
import { failures } from './failures.js';
import { goodReward, plugin } from './rewards.js';

const good = goodReward({ target: 0.8 });

const settings = { size: [6, 8] as const };

const failuresOf = (broken: AnyRewardPlugin, backends: readonly ('cpu' | 'tensorflow')[] = ['cpu']) =>
  failures(rewardChecks(broken, { ...settings, backends }));

/** The score of the good reward with something done to it. */
const changed = (change: (score: Tensor1D, images: Tensor4D) => Tensor): Partial<Reward> => ({
  score: (images, prepared) => tf.tidy(() => change(good.score(images, prepared), images) as Tensor1D),
});

let calls = 0;
let kept: Tensor | undefined;

describe('the conformance suite of rewards', () => {
  it('passes a good one on every back end', async () => {
    await expect(failures(rewardChecks(plugin(), settings))).resolves.toEqual({});
  });

  it('passes one that reads prompts and holds weights', async () => {
    const prompted: AnyRewardPlugin = {
      ...plugin(),
      readsPrompts: true,
      create: () => {
        const weight = tf.scalar(2);
        return {
          differentiable: true,
          perSample: true,
          prepare: ({ prompts }) => ({ wanted: tf.tensor1d(prompts.map(({ length }) => length / 100)) }),
          score: (images, { wanted }) =>
            tf.tidy(
              () =>
                tf.neg(
                  tf.square(tf.sub(tf.mul(weight, tf.mean(images, [1, 2, 3])), wanted as Tensor)),
                ) as Tensor1D,
            ),
          dispose: () => weight.dispose(),
        };
      },
    };
    await expect(failures(rewardChecks(prompted, settings))).resolves.toEqual({});
  });

  it.each<[string, () => AnyRewardPlugin, RegExp]>([
    ['says what it is', () => plugin(undefined, { description: ' ' }), /description is empty/],
    ['says what it is', () => plugin(undefined, { name: 'Brightness' }), /not in lower case/],
    [
      'accepts its options and fills in the others',
      () => plugin(undefined, { options: z.strictObject({ target: z.number().describe('Required.') }) }),
      /option "target".*cannot be used/,
    ],
    [
      'refuses an option that it does not have',
      () => plugin(undefined, { options: z.object({ target: z.number().default(0).describe('Target.') }) }),
      /make the schema strict/,
    ],
    [
      'describes each option',
      () => plugin(undefined, { options: z.strictObject({ target: z.number().default(0) }) }),
      /no description of target/,
    ],
    [
      'describes each option',
      () => {
        const bare = { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } as const;
        return plugin(undefined, { options: { '~standard': bare } as never });
      },
      /cannot be written as JSON Schema/,
    ],
    [
      'gives one finite score an image, on cpu',
      () => plugin(() => changed((score) => tf.mean(score))),
      /returns \[\] instead of \[1\]/,
    ],
    [
      'gives one finite score an image, on cpu',
      () => plugin(() => changed((score) => tf.log(score))),
      /returns NaN/,
    ],
    [
      'keeps to the range of its card, on cpu',
      () => plugin(undefined, { card: { measures: 'Brightness.', range: [-0.1, 0] } }),
      /a picture scores -0\.64\d*, outside of the range of its card, -0\.1 to 0/,
    ],
    [
      'gives the same scores again, on cpu',
      () =>
        plugin(() => ({
          ...changed((score) => {
            calls += 1;
            return tf.add(score, 1e-3 * calls);
          }),
        })),
      /take random numbers from context\.random/,
    ],
    [
      'reads prompts where it says so, on cpu',
      () => plugin(undefined, { readsPrompts: true }),
      /it has readsPrompts, but reads none/,
    ],
    [
      'reads prompts where it says so, on cpu',
      () =>
        plugin(() => ({
          prepare: ({ prompts }) => ({ lengths: tf.tensor1d(prompts.map(({ length }) => length)) }),
          score: (images, { lengths }) =>
            tf.tidy(() => tf.add(good.score(images, {}), tf.mul(1e-3, lengths as Tensor)) as Tensor1D),
        })),
      /give the plugin readsPrompts: true/,
    ],
    [
      'leaves its images alone, on cpu',
      () =>
        plugin(() => ({
          score: (images) => {
            const score = good.score(images, {});
            images.dispose();
            return score;
          },
        })),
      /disposed of its images/,
    ],
    [
      'leaves its images alone, on cpu',
      () =>
        plugin(() => ({
          prepare: () => ({ wanted: tf.scalar(1) }),
          score: (images, { wanted }) => {
            wanted?.dispose();
            return good.score(images, {});
          },
        })),
      /disposed of the prepared tensor wanted/,
    ],
    [
      'scores an image by itself where it says so, on cpu',
      () => plugin(() => changed((score) => tf.sub(score, tf.mean(score)))),
      /it is not perSample/,
    ],
    [
      'stays finite on flat pictures, on cpu',
      () =>
        plugin(() => ({
          // The slope of a root is infinite at 0.
          score: (images) =>
            tf.tidy(
              () =>
                tf.sqrt(
                  tf.mean(tf.square(tf.sub(images, tf.mean(images, [1, 2, 3], true))), [1, 2, 3]),
                ) as Tensor1D,
            ),
        })),
      /gradient is no number on pictures of the shade/,
    ],
    [
      'leaves no tensor behind, on cpu',
      () => plugin(() => ({ score: (images) => tf.neg(tf.mean(images, [1, 2, 3])) as Tensor1D })),
      /score leaves 1 tensor: put it into tf\.tidy/,
    ],
    [
      'leaves no tensor behind, on cpu',
      () => plugin(() => ({ prepare: () => ({ a: tf.neg(tf.scalar(1)) }) })),
      /prepare leaves 1 tensor besides/,
    ],
    [
      'frees what it holds, and may be disposed of twice, on cpu',
      () =>
        plugin(() => {
          kept = tf.scalar(1);
          return {};
        }),
      /dispose leaves 1 tensor/,
    ],
    [
      'frees what it holds, and may be disposed of twice, on cpu',
      () =>
        plugin(() => {
          let gone = false;
          return {
            dispose: () => {
              if (gone) throw new Error('gone already');
              gone = true;
            },
          };
        }),
      /second dispose throws: gone already/,
    ],
  ])('finds that one no longer "%s"', async (title, make, reason) => {
    const failed = await failuresOf(make());
    kept?.dispose();
    kept = undefined;
    expect(failed[title]).toMatch(reason);
  });

  it('says nothing of prompts where scores change by themselves', async () => {
    const failed = await failuresOf(
      plugin(() => changed((score) => tf.add(score, tf.randomUniform(score.shape)))),
    );
    expect(failed['gives the same scores again, on cpu']).toBeDefined();
    expect(failed['reads prompts where it says so, on cpu']).toBeUndefined();
  });

  it.each<[string, () => AnyRewardPlugin, RegExp]>([
    [
      'reads numbers while it is recorded',
      () => plugin(() => changed((score, images) => tf.mul(score, images.dataSync().length / images.size))),
      /dataSync|number/i,
    ],
    [
      'is frozen at its first prompts',
      () =>
        plugin(() => {
          let length = 0;
          return {
            prepare: ({ prompts }) => {
              length = prompts[0]?.length ?? 0;
              return {};
            },
            ...changed((score) => tf.mul(score, length)),
          };
        }),
      /score must depend on its arguments alone/,
    ],
  ])('finds one that %s', async (_, make, reason) => {
    const failed = await failuresOf(make(), ['tensorflow']);
    expect(failed['is recorded as a graph, on tensorflow']).toMatch(reason);
  });
});
