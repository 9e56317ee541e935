import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import draft from '@draft/algorithm-draft';
import type { AlgorithmPlugin, SamplerPlugin } from '@draft/core';
import ddim from '@draft/sampler-ddim';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AnyAlgorithmPlugin,
  type AnySamplerPlugin,
  algorithmChecks,
  describeReward,
  manifestChecks,
  samplerChecks,
} from '../src/index.js';
import { failures } from './failures.js';
import { plugin } from './rewards.js';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

describe('the conformance suite of algorithms', () => {
  const changed = (change: (plan: object) => object, validate = () => {}): AnyAlgorithmPlugin => ({
    ...(draft as AlgorithmPlugin<never>),
    create: (options) => {
      const policy = draft.create(options);
      return { validate, plan: (context) => ({ ...policy.plan(context), ...change(context) }) };
    },
  });

  const made = (algorithm: object): AnyAlgorithmPlugin => ({
    ...(draft as AlgorithmPlugin<never>),
    create: () => ({ validate() {}, ...algorithm }) as never,
  });

  it('passes a good one, and one that makes an estimator', async () => {
    await expect(failures(algorithmChecks(draft as AnyAlgorithmPlugin))).resolves.toEqual({});
    const estimator = made({ differentiatesRewards: false, createEstimator() {} });
    await expect(failures(algorithmChecks(estimator))).resolves.toEqual({});
  });

  let drawn = 0;
  it.each<[string, AnyAlgorithmPlugin, RegExp]>([
    [
      'draws plans that can be executed, where it draws any',
      changed(() => ({ train: [] })),
      /It trains no step/,
    ],
    [
      'draws plans that can be executed, where it draws any',
      changed(() => ({ steps: 3 })),
      /asked for 1 steps, it plans 3/,
    ],
    [
      'draws the same plan from the same random numbers, whatever came before, where it draws any',
      changed(() => ({ copies: drawn++ })),
      /a resumed run would differ/,
    ],
    ['draws plans, or makes an estimator', made({}), /neither plan nor createEstimator/],
    [
      'draws plans, or makes an estimator',
      made({ createEstimator() {} }),
      /whether it differentiates rewards/,
    ],
    [
      'accepts a usual number of steps, or refuses it in a sentence',
      changed(
        () => ({}),
        () => {
          throw new Error('no');
        },
      ),
      /something else than a DraftError/,
    ],
  ])('finds that one no longer "%s"', async (title, broken, reason) => {
    expect((await failures(algorithmChecks(broken)))[title]).toMatch(reason);
  });
});

describe('the conformance suite of samplers', () => {
  const changed = (change: Partial<ReturnType<typeof ddim.create>>): AnySamplerPlugin => ({
    ...(ddim as SamplerPlugin<never>),
    create: (options) => ({ ...ddim.create(options), ...change }),
  });
  const good = ddim.create({ eta: 0 });

  it('passes a good one', async () => {
    await expect(failures(samplerChecks(ddim as AnySamplerPlugin))).resolves.toEqual({});
  });

  it.each<[string, AnySamplerPlugin, RegExp]>([
    [
      'gives a table of finite numbers, the same each time',
      changed({ table: (steps, schedule) => good.table(steps + 1, schedule) }),
      /asked for 1 steps, it gives 2/,
    ],
    [
      'goes down in time',
      changed({
        table: (steps, schedule) => {
          const table = good.table(steps, schedule);
          return { ...table, steps: [...table.steps].reverse() };
        },
      }),
      /do not fall/,
    ],
    [
      'ends at the picture that a perfect network predicts',
      changed({
        table: (steps, schedule) => {
          const table = good.table(steps, schedule);
          return { ...table, steps: table.steps.map((step) => ({ ...step, a: 1.2 * step.a })) };
        },
      }),
      /after 50 steps it is at/,
    ],
    [
      'refuses numbers of steps that make no chain',
      changed({ table: (_, schedule) => good.table(4, schedule) }),
      /call requireSteps/,
    ],
  ])('finds that one no longer "%s"', async (title, broken, reason) => {
    expect((await failures(samplerChecks(broken)))[title]).toMatch(reason);
  });
});

describe('the checks of a package', () => {
  const good = {
    name: 'draft-reward-brightness',
    version: '1.0.0',
    type: 'module',
    files: ['dist'],
    draft: { apiVersion: 1, rewards: { brightness: { entry: './dist/index.js', summary: 'Brightness.' } } },
    peerDependencies: { '@draft/core': '>=0.1.0 <1.0.0' },
  };
  const plant = (fields: object): string => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'draft-testing-')));
    roots.push(root);
    const files = { 'package.json': JSON.stringify(fields), 'dist/index.js': '' };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    return root;
  };
  const check = (fields: object) =>
    failures(manifestChecks(plant(fields), { kind: 'reward', name: 'brightness' }));

  it('pass a good one', async () => {
    await expect(check(good)).resolves.toEqual({});
  });

  it('ask for no core where there are only weights', async () => {
    const checkpoints = { tiny: { path: './dist', summary: 'Tiny.' } };
    const root = plant({ ...good, peerDependencies: {}, draft: { apiVersion: 1, checkpoints } });
    await expect(failures(manifestChecks(root))).resolves.toEqual({});
  });

  it.each<[string, object, RegExp]>([
    ['has a manifest that can be used', { draft: undefined }, /no "draft" field/],
    ['has a manifest that can be used', { draft: { apiVersion: 2 } }, /plugin API 2/],
    [
      'has a manifest that can be used',
      { draft: { apiVersion: 1, rewards: { bright: './dist/index.js' } } },
      /has no summary/,
    ],
    [
      'has a manifest that can be used',
      { draft: { apiVersion: 1, rewards: { bright: { entry: './dist/index.js', summary: 'B.' } } } },
      /names no reward "brightness"/,
    ],
    ['takes @draft/core as a peer', { peerDependencies: {} }, /peerDependencies lack @draft\/core/],
    ['takes @draft/core as a peer', { dependencies: { '@draft/core': '^0.1.0' } }, /second tensor engine/],
    [
      'takes @draft/core as a peer',
      { dependencies: { '@tensorflow/tfjs': '*' } },
      /take tf from @draft\/core/,
    ],
    ['publishes what its manifest points to', { files: ['lib'] }, /leaves out \.\/dist\/index\.js/],
  ])('find that one no longer "%s"', async (title, change, reason) => {
    expect((await check({ ...good, ...change }))[title]).toMatch(reason);
  });
});

describe('describeReward', () => {
  it('registers a suite with whatever runner it is given', async () => {
    const suites: string[] = [];
    const tests: [string, () => Promise<void>][] = [];
    const runner = {
      describe: (name: string, body: () => void) => {
        suites.push(name);
        body();
      },
      it: (name: string, body: () => Promise<void>) => tests.push([name, body]),
    };
    describeReward(plugin(), { runner, backends: ['cpu'], size: [6, 8], label: 'by default' });
    expect(suites).toEqual(['the reward brightness, by default, conforms: it']);
    expect(tests.map(([name]) => name)).toContain('has the gradient of its finite differences, on cpu');
    for (const [, run] of tests) await expect(run()).resolves.toBeUndefined();
  });

  it('says what to do where there is no runner', () => {
    expect(() => describeReward(plugin())).toThrow(/pass those of the test runner/);
  });
});
