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
    // Whoever depends on a package may call it by its name.
    'package.json': { dependencies: { 'oddly-named': '*', 'odd-and-bad': '*' } },
    'node_modules/oddly-named/package.json': manifest('oddly-named', 'reward', 'odd'),
    'node_modules/oddly-named/index.js': '',
    'node_modules/odd-and-bad/package.json': { name: 'odd-and-bad', draft: { apiVersion: 9 } },
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
    ['oddly-named', 'oddly-named'],
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
      /^No reward is called "symetry": did you mean "symmetry" \(@draft\/reward-symmetry 1\.2\.3\)\?$/,
    ],
    ['reward', 'compresibility', /did you mean "compressibility" \(npm i @draft\/reward-jpeg\)\?/],
    [
      'reward',
      'compressibility',
      /^The reward "compressibility" is not installed: npm i @draft\/reward-jpeg$/,
    ],
    ['reward', 'ddim', /"ddim" is a sampler \(@draft\/sampler-ddim\), not a reward: use --sampler ddim\./],
    ['reward', 'blue', /--reward @acme\/draft-reward-blue#blue or --reward draft-reward-blue#blue/],
    ['sampler', '@draft/reward-symmetry', /brings no sampler, but the reward "symmetry"/],
    ['reward', 'draft-reward-bad', /it speaks plugin API 9, .* npm i @draft\/cli@latest @draft\/core@latest/],
    ['reward', 'odd-and-bad', /^The package odd-and-bad cannot be used: it speaks plugin API 9, .*@latest$/],
    ['reward', './nowhere', /no reward at \.\/nowhere/],
    ['reward', 'qqqqqq', /^No reward is called "qqqqqq"\.$/],
  ] as const)('refuses %s %s in one sentence', (kind, request, message) => {
    expect(() => resolve(kind, request)).toThrow(message);
  });

  it('says of an unknown name what there is, where it looked, how packages are called, and who asked', () => {
    const root = project();
    const catalogue = discoverPlugins({ cwd: root });
    const refused = (askedBy?: string): unknown => {
      try {
        return resolvePlugin('reward', 'symetry', catalogue, root, askedBy);
      } catch (error) {
        return error;
      }
    };
    const hints = [
      'Installed rewards: blue, odd, symmetry',
      expect.stringMatching(/^Cannot be used: odd-and-bad \(it speaks plugin API 9.*; draft-reward-bad \(/),
      `Looked in: ${join(root, 'node_modules')}`,
      'A reward from npm is usually called draft-reward-NAME or @scope/draft-reward-NAME; another is named by --plugins.',
    ];
    expect(refused()).toMatchObject({ code: 'DRAFT_PLUGIN_NOT_FOUND', hints });
    expect(refused('"reward" in draft.yaml:3:9')).toMatchObject({
      hints: [...hints, 'Asked for by: "reward" in draft.yaml:3:9'],
    });
  });

  it('takes the one of several packages that was asked for', () => {
    const root = project();
    const blue = (...packages: string[]) =>
      resolvePlugin('reward', 'blue', discoverPlugins({ cwd: root, packages }), root).package.name;
    expect(blue('draft-reward-blue')).toBe('draft-reward-blue');
    expect(blue('./node_modules/@acme/draft-reward-blue')).toBe('@acme/draft-reward-blue');
    expect(() => blue('draft-reward-blue', '@acme/draft-reward-blue')).toThrow(/Several packages bring/);
    expect(() => blue('./mine')).toThrow(/or once for all by "plugins" in a config, or --plugins\.$/);
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
