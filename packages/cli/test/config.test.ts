import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigLayer } from '../src/config/config-layer.js';
import { addFlags, flagLayer } from '../src/config/flags.js';
import { mergeLayers } from '../src/config/merge-layers.js';
import { defaultOf, formOf, isOnByDefault } from '../src/config/option.js';
import { parseReward, rewardKey } from '../src/config/parse-reward.js';
import { parseSize } from '../src/config/parse-size.js';
import { readConfig } from '../src/config/read-config.js';
import { resolveConfig } from '../src/config/resolve-config.js';
import { trainOptions, trainSchema } from '../src/config/train-options.js';
import { commandOptions } from '../src/schema/command-options.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const layer = (values: Record<string, unknown>): ConfigLayer => ({ values, flags: false, where: () => '' });

const flags = (...args: string[]): ConfigLayer => {
  const command = addFlags(new Command(), trainOptions).exitOverride();
  command.configureOutput({ writeErr: () => {} }).parse(args, { from: 'user' });
  return flagLayer(command.opts(), trainOptions);
};

const config = async (name: string, text: string): Promise<ConfigLayer> => {
  writeFileSync(join(folder, name), text);
  return readConfig(name, folder);
};

it('switches that are on by themselves are those that flags turn off', () => {
  const all = Object.values(commandOptions).flatMap((options) => Object.entries(options));
  const wrong = all.filter(
    ([name, schema]) => (formOf(schema) === 'switch' && defaultOf(schema) === true) !== isOnByDefault(name),
  );
  expect(wrong.map(([name]) => name)).toEqual([]);
  expect(all.some(([name]) => isOnByDefault(name))).toBe(true);
});

describe('the options of train', () => {
  it('come from flags under the names that configs use', () => {
    const values = resolveConfig(trainSchema, [
      flags(
        ...['--reward', 'symmetry', '--reward', 'jpeg:-0.5', '--learning-rate', '1e-3', '--set', 'k=2'],
        ...[
          '--reward-set',
          'jpeg.quality=50',
          '--sampler-set',
          'eta=1',
          '--size',
          '64x96',
          '--schedule',
          'cosine',
        ],
      ),
    ]);
    expect(values).toMatchObject({
      reward: ['symmetry', 'jpeg:-0.5'],
      rewardSet: { jpeg: { quality: 50 } },
      learningRate: 1e-3,
      set: { k: 2 },
      samplerSet: { eta: 1 },
      size: '64x96',
      schedule: 'cosine',
      model: 'miniature',
    });
  });

  it('prefer flags to the config, the config to recommendations, those to defaults', async () => {
    const file = await config('a.yaml', 'reward: symmetry\niterations: 20\nsteps: 10\n');
    const recommended = layer({ steps: 5, batch: 7, learningRate: 0.5 });
    const values = resolveConfig(trainSchema, [flags('--iterations', '3'), file, recommended]);
    expect(values).toMatchObject({ iterations: 3, steps: 10, batch: 7, learningRate: 0.5, guidance: 7.5 });
  });

  it.each([
    ['reward: a\nitertions: 3\n', 'b.yaml:2:1: There is no option "itertions": did you mean "iterations"?'],
    [
      'reward: a\nlearning-rate: 3\n',
      'b.yaml:2:1: There is no option "learning-rate": did you mean "learningRate"?',
    ],
    ['reward: a\niterations:   many\n', 'b.yaml:2:15: "iterations" expected a number (given: "many").'],
    ['steps: 0\n', 'b.yaml:1:8: "steps" must be at least 1 (given: 0).'],
    ['schedule: cosin\n', 'b.yaml:1:11: "schedule" must be constant, linear, cosine, sqrt (given: "cosin").'],
    ['reward: [a, 3]\n', /^b\.yaml:1:\d+: "reward.*" takes NAME/],
    ['rewardSet:\n  a: 3\n', 'b.yaml:2:6: "rewardSet.a" expected a record (given: 3).'],
    ['- a\n', /holds no options/],
    ['a: [1\n', /^b\.yaml:2:1: /],
    ['reward: a\nconstructor: 3\n', 'b.yaml:2:1: There is no option "constructor": there are reward,'],
    ['model: ""\n', 'b.yaml:1:8: "model" must not be empty (given: "").'],
    ['reward: *a\n', /^b\.yaml cannot be read: Unresolved alias/],
    ['plugins: a\n', 'b.yaml:1:10: "plugins" expected a list (given: "a").'],
    ['clip: .inf\n', 'b.yaml:1:7: "clip" expected a number (given: Infinity).'],
    ['a: 1\na: 2\n', /^b\.yaml:2:1: Map keys must be unique/],
  ])('are refused with the place: %j', async (text, message) => {
    const check = async () => resolveConfig(trainSchema, [await config('b.yaml', text)]);
    await expect(check()).rejects.toThrow(message);
  });

  it('are read from JSON and from modules too', async () => {
    const json = await config('c.json', '{\n  "reward": "symmetry",\n  "sede": 3\n}');
    expect(() => resolveConfig(trainSchema, [json])).toThrow(
      'c.json:3:3: There is no option "sede": did you mean "seed"?',
    );
    const module = await config('d.mjs', 'export default { reward: "symmetry", seed: 3 }');
    expect(resolveConfig(trainSchema, [module])).toMatchObject({ seed: 3 });
    const typescript = await config(
      'e.ts',
      'const seed: number = 4; export default { reward: "symmetry", seed };',
    );
    expect(resolveConfig(trainSchema, [typescript])).toMatchObject({ seed: 4 });
    await expect(config('f.toml', '')).rejects.toThrow(/no ending that is known/);
    await expect(readConfig('none.yaml', folder)).rejects.toThrow(
      /none\.yaml cannot be read: there is no such file/,
    );
  });

  it.each([
    [['--iterations', 'x'], '--iterations takes a number (given: "x").'],
    [['--iterations', '1.5'], '--iterations expected a whole number (given: 1.5).'],
    [['--learning-rate', '-1'], '--learning-rate must be more than 0 (given: -1).'],
    [['--set', 'k'], '--set takes KEY=VALUE (given: "k").'],
    [['--reward-set', 'k=1'], '--reward-set takes NAME.KEY=VALUE (given: "k=1").'],
    [['--size', '64by64'], '--size expected HEIGHTxWIDTH or one number (given: "64by64").'],
    [['--train', ''], '--train must not be empty (given: "").'],
    [[], '--reward NAME[:WEIGHT] is missing'],
  ])('as flags are refused by their own names: %j', (args, message) => {
    expect(() => resolveConfig(trainSchema, [flags(...args)])).toThrow(message);
  });
});

describe('mergeLayers', () => {
  it("forgets a lower layer's settings of a plugin that an upper layer replaces", () => {
    const lower = { algorithm: 'drtune', set: { k: 5, m: 20 }, sampler: 'ddim', samplerSet: { eta: 1 } };
    expect(mergeLayers([{ algorithm: 'draft', set: { k: 1 } }, lower])).toEqual({
      algorithm: 'draft',
      set: { k: 1 },
      sampler: 'ddim',
      samplerSet: { eta: 1 },
    });
    expect(mergeLayers([{ set: { k: 1 } }, lower])).toMatchObject({ set: { k: 1, m: 20 } });
    const rewards = { reward: ['a', 'b'], rewardSet: { a: { x: 1 }, b: { y: 2 } } };
    expect(mergeLayers([{ reward: 'b:2' }, rewards])).toEqual({ reward: 'b:2', rewardSet: { b: { y: 2 } } });
    expect(mergeLayers([{ reward: ['b=c:2', './b=a'] }, rewards])).toMatchObject({
      rewardSet: { b: { y: 2 } },
    });
  });
});

describe('parseReward', () => {
  it.each([
    ['symmetry', 'symmetry', 1],
    ['symmetry:-2.5', 'symmetry', -2.5],
    ['@acme/foo#bar:1e3', '@acme/foo#bar', 1000],
    ['file:///a/b.mjs', 'file:///a/b.mjs', 1],
    ['./a.mjs:2', './a.mjs', 2],
    ['./b=a.mjs:2', './b=a.mjs', 2],
  ])('%s', (text, request, weight) => {
    expect(parseReward(text)).toEqual({ request, weight });
  });

  it.each([
    ['own=symmetry', 'own', 'symmetry', 1],
    ['own-2=@acme/foo#bar:-0.5', 'own-2', '@acme/foo#bar', -0.5],
    ['own=./b=a.mjs', 'own', './b=a.mjs', 1],
  ])('%s, called otherwise', (text, alias, request, weight) => {
    expect(parseReward(text)).toEqual({ alias, request, weight });
    expect(rewardKey(text)).toBe(alias);
  });

  it.each(['a:', 'a:x', 'a:0', 'a:Infinity'])('refuses %s', (text) => {
    expect(() => parseReward(text)).toThrow(/weight of the reward "a" must be a number other than 0/);
  });
});

describe('parseSize', () => {
  it('reads both notations', () => {
    expect(parseSize('64x96')).toEqual({ height: 64, width: 96 });
    expect(parseSize(64)).toEqual({ height: 64, width: 64 });
    expect(parseSize('64')).toEqual({ height: 64, width: 64 });
    expect(parseSize(undefined)).toBeNull();
  });
});
