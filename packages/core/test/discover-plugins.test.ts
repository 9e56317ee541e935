import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverPlugins } from '../src/plugins/discover-plugins.js';
import { manifest, plantTree, rewardSource } from './plugin-tree.js';

const boom = "throw new Error('imported');";

describe('discoverPlugins', () => {
  it('finds packages by name and by dependency, from the working folder upward, and imports nothing', () => {
    const root = plantTree({
      'package.json': { dependencies: { 'oddly-named': '*', plain: '*' } },
      'node_modules/oddly-named/package.json': manifest('oddly-named', 'sampler', 'odd'),
      'node_modules/oddly-named/index.js': boom,
      'node_modules/plain/package.json': { name: 'plain' },
      'node_modules/@acme/draft-reward-foo/package.json': manifest('@acme/draft-reward-foo', 'reward', 'foo'),
      'node_modules/@acme/draft-reward-foo/index.js': boom,
      'node_modules/not-a-dependency/package.json': manifest('not-a-dependency', 'reward', 'hidden'),
      'node_modules/not-a-dependency/index.js': boom,
      'work/deep/keep': '',
    });
    const { plugins, broken, searched } = discoverPlugins({ cwd: join(root, 'work/deep') });
    expect(plugins.map(({ kind, id, package: { name } }) => `${kind} ${id} ${name}`)).toEqual([
      'sampler odd oddly-named',
      'reward foo @acme/draft-reward-foo',
    ]);
    expect(plugins[1]).toMatchObject({
      summary: 'The foo.',
      origin: 'project',
      package: { version: '1.2.3' },
    });
    expect(broken).toEqual([]);
    expect(searched[0]).toBe(join(root, 'node_modules'));
  });

  it('counts a package once, however many links lead to it', () => {
    const root = plantTree({
      'packages/foo/package.json': manifest('@draft/foo', 'reward', 'foo'),
      'packages/foo/index.js': boom,
      'node_modules/@draft/keep': '',
      'packages/foo/node_modules/keep': '',
    });
    symlinkSync(join(root, 'packages/foo'), join(root, 'node_modules/@draft/foo'));
    symlinkSync(join(root, 'packages/foo'), join(root, 'node_modules/draft-reward-foo'));
    const { plugins } = discoverPlugins({ cwd: join(root, 'packages/foo'), cliDirectory: root });
    expect(plugins.map(({ id }) => id)).toEqual(['foo']);
  });

  it("prefers the project's copy of a package to the one that came with the command line", () => {
    const copy = (version: string) => manifest('@draft/reward-foo', 'reward', 'foo', { version });
    const root = plantTree({
      'project/node_modules/@draft/reward-foo/package.json': copy('2.0.0'),
      'project/node_modules/@draft/reward-foo/index.js': boom,
      'global/node_modules/@draft/reward-foo/package.json': copy('1.0.0'),
      'global/node_modules/@draft/reward-foo/index.js': boom,
      'global/node_modules/@draft/reward-bar/package.json': manifest('@draft/reward-bar', 'reward', 'bar'),
      'global/node_modules/@draft/reward-bar/index.js': boom,
      'global/node_modules/@draft/cli/package.json': { name: '@draft/cli' },
    });
    const { plugins } = discoverPlugins({
      cwd: join(root, 'project'),
      cliDirectory: join(root, 'global/node_modules/@draft/cli'),
    });
    expect(plugins.map(({ id, origin, package: { version } }) => [id, origin, version])).toEqual([
      ['bar', 'bundled', '1.2.3'],
      ['foo', 'project', '2.0.0'],
    ]);
  });

  it('looks no further than it is told, where that is asked', () => {
    const root = plantTree({
      'project/package.json': { dependencies: { 'draft-reward-mine': '*', 'draft-reward-named': '*' } },
      'project/node_modules/draft-reward-mine/package.json': manifest('draft-reward-mine', 'reward', 'mine'),
      'project/node_modules/draft-reward-mine/index.js': boom,
      'project/node_modules/draft-reward-named/package.json': manifest(
        'draft-reward-named',
        'reward',
        'named',
      ),
      'project/node_modules/draft-reward-named/index.js': boom,
      'project/node_modules/@draft/reward-own/package.json': manifest('@draft/reward-own', 'reward', 'own'),
      'project/node_modules/@draft/reward-own/index.js': boom,
      'project/node_modules/@draft/cli/package.json': {
        name: '@draft/cli',
        dependencies: { '@draft/reward-own': '*' },
      },
      'project/node_modules/@draft/cli/dist/index.js': '',
    });
    const { plugins } = discoverPlugins({
      cwd: join(root, 'project'),
      cliDirectory: join(root, 'project/node_modules/@draft/cli/dist'),
      packages: ['draft-reward-named'],
      discover: false,
    });
    expect(plugins.map(({ id, origin }) => [id, origin])).toEqual([
      ['named', 'requested'],
      ['own', 'bundled'],
    ]);
  });

  it('says which of the two to update, and how', () => {
    const root = plantTree({
      'node_modules/draft-reward-new/package.json': {
        ...{ name: 'draft-reward-new', version: '2.0.0' },
        draft: { apiVersion: 2 },
      },
      'node_modules/draft-reward-old/package.json': {
        ...{ name: 'draft-reward-old', version: '0.1.0' },
        draft: { apiVersion: 0 },
      },
      'node_modules/draft-reward-trap/package.json': { name: 'x; rm -rf .', draft: { apiVersion: 0 } },
    });
    const reasons = discoverPlugins({ cwd: root }).broken.map(({ reason }) => reason);
    expect(reasons).toEqual([
      'version 2.0.0 speaks plugin API 2, this command line speaks 1: npm i @draft/cli@latest @draft/core@latest',
      'version 0.1.0 speaks plugin API 0, this command line speaks 1: npm i draft-reward-old@latest',
      'it speaks plugin API 0, this command line speaks 1: update it',
    ]);
  });

  it('turns what cannot be used into a reason and keeps the rest', () => {
    const root = plantTree({
      'node_modules/draft-reward-torn/package.json': '{ "name": ',
      'node_modules/draft-reward-old/package.json': {
        name: 'draft-reward-old',
        draft: { apiVersion: 7, rewards: { old: './index.js' } },
      },
      'node_modules/draft-plugin-mixed/package.json': {
        name: 'draft-plugin-mixed',
        draft: {
          apiVersion: 1,
          rewards: {
            good: './index.js',
            missing: './gone.js',
            escape: './../draft-reward-old/package.json',
            absolute: '/etc/passwd',
          },
          rewrads: {},
        },
      },
      'node_modules/draft-plugin-mixed/index.js': rewardSource('good'),
    });
    const { plugins, broken } = discoverPlugins({ cwd: root });
    expect(plugins.map(({ id }) => id)).toEqual(['good']);
    const reasons = (name: string) =>
      broken.filter((item) => item.package === name).map(({ reason }) => reason);
    expect(reasons('draft-reward-torn')[0]).toMatch(/^package\.json is no JSON/);
    expect(reasons('draft-reward-old')[0]).toMatch(/plugin API 7.*speaks 1/);
    expect(reasons('draft-plugin-mixed')).toEqual([
      expect.stringContaining('unknown key "rewrads"'),
      expect.stringContaining('reward "missing": entry "./gone.js" does not exist'),
      expect.stringContaining('reward "escape": entry "./../draft-reward-old/package.json" leads out'),
      expect.stringContaining('reward "absolute": entry "/etc/passwd" does not begin'),
    ]);
  });

  it('reads source instead of what would be built where DRAFT_SOURCE=1', () => {
    const root = plantTree({
      'package.json': {
        name: 'mine',
        draft: { apiVersion: 1, rewards: { mine: { entry: './dist/index.js' } } },
      },
      'src/index.ts': '',
    });
    expect(discoverPlugins({ cwd: root }).plugins[0]?.path).toBe(join(root, 'src/index.ts'));
  });

  it('takes a checkpoint as a folder', () => {
    const root = plantTree({
      'package.json': {
        name: '@acme/pictures',
        draft: {
          apiVersion: 1,
          checkpoints: { tiny: { path: './model' }, file: { path: './package.json' } },
        },
      },
      'model/model_index.json': {},
    });
    const { plugins, broken } = discoverPlugins({ cwd: root });
    expect(plugins).toMatchObject([{ kind: 'checkpoint', id: 'tiny', path: join(root, 'model') }]);
    expect(broken[0]?.reason).toBe('checkpoint "file": path "./package.json" is no folder');
  });

  it('refuses a package that is asked for and not there', () => {
    const root = plantTree({ keep: '' });
    expect(() => discoverPlugins({ cwd: root, packages: ['draft-reward-none'] })).toThrow(
      /"draft-reward-none" is not there/,
    );
  });
});
