import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverPlugins } from '../src/plugins/discover-plugins.js';
import type { PluginKind } from '../src/plugins/plugin-kind.js';
import { resolvePlugin } from '../src/plugins/resolve-plugin.js';
import { manifest, plantTree, rewardSource } from './plugin-tree.js';

const project = () =>
  plantTree({
    'node_modules/@draft/reward-symmetry/package.json': manifest(
      '@draft/reward-symmetry',
      'reward',
      'symmetry',
    ),
    'node_modules/@draft/reward-symmetry/index.js': '',
    'node_modules/@draft/sampler-ddim/package.json': manifest('@draft/sampler-ddim', 'sampler', 'ddim'),
    'node_modules/@draft/sampler-ddim/index.js': '',
    'node_modules/@acme/draft-reward-blue/package.json': manifest(
      '@acme/draft-reward-blue',
      'reward',
      'blue',
    ),
    'node_modules/@acme/draft-reward-blue/index.js': '',
    'node_modules/draft-reward-blue/package.json': manifest('draft-reward-blue', 'reward', 'blue'),
    'node_modules/draft-reward-blue/index.js': '',
    'node_modules/draft-reward-bad/package.json': { name: 'draft-reward-bad', draft: { apiVersion: 9 } },
    'mine/package.json': manifest('mine', 'reward', 'local'),
    'mine/index.js': rewardSource('local'),
    'lone.mjs': rewardSource('lone'),
  });

const resolve = (kind: PluginKind, request: string, root = project()) =>
  resolvePlugin(kind, request, discoverPlugins({ cwd: root }), root);

describe('resolvePlugin', () => {
  it.each([
    ['symmetry', '@draft/reward-symmetry'],
    ['@draft/reward-symmetry', '@draft/reward-symmetry'],
    ['@acme/blue', '@acme/draft-reward-blue'],
    ['@acme/draft-reward-blue#blue', '@acme/draft-reward-blue'],
    ['draft-reward-blue', 'draft-reward-blue'],
    ['./mine', 'mine'],
  ])('finds %s in %s', (request, name) => {
    expect(resolve('reward', request).package.name).toBe(name);
  });

  it('takes a path to a module', () => {
    const root = project();
    expect(resolve('reward', './lone.mjs', root)).toMatchObject({ id: '', path: join(root, 'lone.mjs') });
  });

  it.each([
    [
      'reward',
      'symetry',
      /No reward is called "symetry": did you mean "symmetry" \(from @draft\/reward-symmetry\)\?/,
    ],
    ['reward', 'symetry', /Installed rewards: blue, symmetry;.*npm i <package>/],
    ['reward', 'compresibility', /did you mean "compressibility" \(npm i @draft\/reward-jpeg\)\?/],
    [
      'reward',
      'compressibility',
      /^The reward "compressibility" is not installed: npm i @draft\/reward-jpeg$/,
    ],
    ['reward', 'ddim', /"ddim" is a sampler \(@draft\/sampler-ddim\), not a reward: use --sampler ddim\./],
    ['reward', 'blue', /--reward @acme\/draft-reward-blue#blue or --reward draft-reward-blue#blue/],
    ['sampler', '@draft/reward-symmetry', /brings no sampler, but the reward "symmetry"/],
    ['reward', 'draft-reward-bad', /speaks plugin API 9/],
    ['reward', './nowhere', /no reward at \.\/nowhere/],
    ['reward', 'qqqqqq', /^No reward is called "qqqqqq"\. Installed/],
  ] as const)('refuses %s %s in one sentence', (kind, request, message) => {
    expect(() => resolve(kind, request)).toThrow(message);
  });

  it.each(['file://elsewhere/reward.mjs', './nothing.mjs'])('finds nothing at %s', (request) => {
    expect(() => resolve('reward', request)).toThrow(
      `There is no reward at ${request}: no such file or folder.`,
    );
  });

  it('never repeats an unknown name in an install command', () => {
    expect(() => resolve('reward', 'draft-reward-evil')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('npm i draft-reward-evil') }),
    );
  });
});
