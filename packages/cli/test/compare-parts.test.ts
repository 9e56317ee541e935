import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanSeries, smoothTraining } from '../src/compare/comparison-curves.js';
import { givenLearningRates } from '../src/compare/learning-rates.js';
import { parseContenders } from '../src/compare/parse-contender.js';
import { peakMemory } from '../src/compare/peak-memory.js';
import { refuseChange } from '../src/compare/prepare-contenders.js';
import { queryAdvantage } from '../src/compare/query-advantage.js';
import { iterationsWithin, momentsOf } from '../src/compare/query-count.js';
import { trainArguments } from '../src/compare/train-arguments.js';
import { bestTrial } from '../src/compare/tune.js';
import { checkLayer } from '../src/config/config-layer.js';
import { addFlags, flagLayer } from '../src/config/flags.js';
import { trainOptions } from '../src/config/train-options.js';

describe('--algorithms', () => {
  it('reads names and options', () => {
    expect(parseContenders('draft:k=1,draft:k=10,refl')).toEqual([
      { text: 'draft:k=1', name: 'draft', values: { k: 1 } },
      { text: 'draft:k=10', name: 'draft', values: { k: 10 } },
      { text: 'refl', name: 'refl', values: {} },
    ]);
    expect(parseContenders(['draft-lv:n=4:singleReward=true', 'ddpo:k=all'])).toMatchObject([
      { values: { n: 4, singleReward: true } },
      { values: { k: 'all' } },
    ]);
  });

  it('leaves paths whole', () => {
    expect(parseContenders('./mine.mjs:k=2,file:///C:/plugins/other.mjs')).toMatchObject([
      { name: './mine.mjs', values: { k: 2 } },
      { name: 'file:///C:/plugins/other.mjs', values: {} },
    ]);
  });

  it.each([
    ['an empty entry', 'draft,,refl', /takes NAME or NAME:KEY=VALUE/],
    ['an entry twice', 'draft:k=1,refl,draft:k=1', /names draft:k=1 twice/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseContenders(text)).toThrow(message);
  });
});

describe('--learning-rate-for', () => {
  const requests = parseContenders('draft:k=1,draft:k=2,refl');

  it('goes by the name, and first by the entry', () => {
    const rates = givenLearningRates(['draft=1e-3', 'draft:k=2=2e-3'], requests);
    expect([...rates].sort()).toEqual([
      ['draft:k=1', 1e-3],
      ['draft:k=2', 2e-3],
    ]);
    expect(givenLearningRates({ refl: 0.5 }, requests).get('refl')).toBe(0.5);
  });

  it('refuses what is not compared, and what is no rate', () => {
    expect(() => givenLearningRates('relf=1', requests)).toThrow(/names relf.*did you mean refl\?/);
    expect(() => givenLearningRates('refl=fast', requests)).toThrow(/ALGORITHM=X with an X above 0/);
    expect(() => givenLearningRates('refl=0', requests)).toThrow(/above 0/);
  });
});

describe('reward queries', () => {
  const policy = (copies: number, singleReward = false) => ({
    validate() {},
    plan: ({ steps }: { steps: number }) => ({
      ...{ steps, train: [1], stop: 0, detachInput: false, cutState: null },
      ...{ copies, singleReward },
    }),
  });
  const blind = {
    differentiatesRewards: false,
    validate() {},
    createEstimator: () => {
      throw new Error('not made');
    },
  };
  const settings = { steps: 4, batch: 8, accumulate: 1 };

  it('pay for whole iterations, with the copies that the reward judges', () => {
    expect(iterationsWithin(100, policy(0), settings, 0, 'draft')).toBe(12);
    expect(iterationsWithin(100, policy(2), settings, 0, 'draft-lv')).toBe(4);
    expect(iterationsWithin(100, policy(2, true), settings, 0, 'draft-lv')).toBe(12);
    expect(iterationsWithin(100, blind, { ...settings, accumulate: 2 }, 0, 'ddpo')).toBe(6);
  });

  it('must suffice for one', () => {
    expect(() => iterationsWithin(20, policy(2), settings, 0, 'draft-lv')).toThrow(
      /--queries is 20, but one iteration of draft-lv asks the reward about 24 pictures: give at least 24\./,
    );
  });

  it('are looked at in equal ratios, with the end', () => {
    expect(momentsOf(64, 4)).toEqual([1, 4, 16, 64]);
    expect(momentsOf(3, 8)).toEqual([1, 2, 3]);
    expect(momentsOf(250, 8).at(-1)).toBe(250);
    expect(momentsOf(250, 1)).toEqual([250]);
  });
});

describe('what a run is told', () => {
  const read = (args: readonly string[]): Readonly<Record<string, unknown>> => {
    const command = addFlags(new Command('draft train').exitOverride(), trainOptions);
    return checkLayer(
      trainOptions,
      flagLayer(command.parse([...args], { from: 'user' }).opts(), trainOptions),
    );
  };

  it('comes back from the command line as it was', () => {
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const key = fc.stringMatching(/^[a-z][a-zA-Z]{0,8}$/);
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { noNullPrototype: true }),
        fc.dictionary(key, fc.dictionary(key, value, { minKeys: 1, noNullPrototype: true }), {
          noNullPrototype: true,
        }),
        fc.array(text, { minLength: 1 }),
        fc.double({ min: 1e-9, max: 1, noNaN: true }),
        (set, rewardSet, reward, learningRate) => {
          const given = { set, rewardSet, reward, learningRate, iterations: 7, stopGradient: true };
          const { set: setBack = {}, rewardSet: rewardSetBack = {}, ...back } = read(trainArguments(given));
          // JSON knows no −0.
          expect({ set: setBack, rewardSet: rewardSetBack }).toEqual(
            JSON.parse(JSON.stringify({ set, rewardSet })),
          );
          expect(back).toEqual({ reward, learningRate, iterations: 7, stopGradient: true });
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('several runs as one line', () => {
  it('means, lowest and highest', () => {
    const run = (rewards: readonly number[]) =>
      rewards.map((reward, i) => ({ rewardQueries: 10 * (i + 1), seconds: i, reward }));
    const x = ({ rewardQueries }: { rewardQueries: number }) => rewardQueries;
    expect(meanSeries('a', [run([1, 2]), run([3, 6])], x)).toEqual({
      ...{ label: 'a', x: [10, 20], y: [2, 4] },
      band: [
        [1, 2],
        [3, 6],
      ],
    });
    expect(meanSeries('a', [run([1])], x).band).toBeUndefined();
    expect(meanSeries('a', [], x)).toMatchObject({ x: [], y: [] });
  });

  it('smoothed in the logarithm of queries', () => {
    const lines = Array.from({ length: 400 }, (_, i) => ({
      ...{ iteration: i + 1, rewardQueries: 8 * (i + 1), rewards: {}, gradientNorm: 1, learningRate: 1 },
      ...{ seconds: 1, reward: Math.log(8 * (i + 1)) + (i % 2 ? 0.3 : -0.3) },
    }));
    const smooth = smoothTraining(lines);
    expect(smooth).toHaveLength(100);
    // In the middle of the line neighbours cancel the alternation.
    const middle = smooth[80];
    expect(middle?.reward).toBeCloseTo(Math.log(middle?.rewardQueries ?? 0), 1);
    expect(smoothTraining(lines.slice(0, 3))).toHaveLength(3);
  });
});

describe('settings of a comparison', () => {
  it('may gain options that are at their defaults, and lose those that are no longer there', () => {
    expect(() =>
      refuseChange({ steps: 3, guard: 'warn', older: 1 }, { steps: 3, basePenalty: 0 }, 'c'),
    ).not.toThrow();
    expect(() => refuseChange({ steps: 3 }, { steps: 3, basePenalty: 1 }, 'c')).toThrow(
      /^--base-penalty was not given in c and cannot become 1 there/,
    );
    expect(() => refuseChange({ queries: 9 }, {}, 'c', 'ddpo: ')).toThrow(/^ddpo: --queries was 9 in c/);
  });
});

describe('queries to come half the way', () => {
  const algorithm = (label: string, rewards: readonly number[]) => ({
    label,
    runs: [{ curve: rewards.map((reward, i) => ({ rewardQueries: 10 ** (i + 1), seconds: 0, reward })) }],
  });
  const advantage = (all: readonly object[], before: number) =>
    queryAdvantage(all as Parameters<typeof queryAdvantage>[0], before);

  it('lie between judged moments, at equal ratios', () => {
    const all = [algorithm('fast', [2, 4]), algorithm('slow', [0, 0, 1, 3]), algorithm('no', [0, 1, 1.5])];
    expect(advantage(all, 0)).toEqual({ level: 2, queries: { fast: 10, slow: 3162, no: null } });
  });

  it('are unknown where nothing rose', () => {
    expect(advantage([algorithm('a', [1, 0])], 0)).toBeUndefined();
    expect(advantage([], Number.NaN)).toBeUndefined();
  });
});

it('takes the learning rate with the highest reward, of equals the lowest', () => {
  const trial = (learningRate: number, reward: number | null) => ({ learningRate, folder: '', reward });
  expect(bestTrial('a', [trial(1e-2, null), trial(3e-3, -1), trial(1e-3, -2)])).toBe(3e-3);
  expect(bestTrial('a', [trial(1e-2, 1), trial(3e-3, 1)])).toBe(3e-3);
  expect(() => bestTrial('a', [trial(1, null)])).toThrow(/a diverged at every learning rate.*\(1\)/);
});

it('measures the most memory of this process', () => {
  const held = Buffer.alloc(100e6, 1);
  const { rss } = process.memoryUsage();
  expect(rss).toBeGreaterThan(held.length);
  // The kernel counts in batches of pages, so its two numbers differ a little.
  expect(peakMemory()).toBeGreaterThan(0.95 * rss);
});
