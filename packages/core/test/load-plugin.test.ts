import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compatibilityWarnings } from '../src/plugins/compatibility-warnings.js';
import { discoverPlugins } from '../src/plugins/discover-plugins.js';
import type { FoundPlugin } from '../src/plugins/found-plugin.js';
import { loadPlugin } from '../src/plugins/load-plugin.js';
import { isModuleRequest, pluginsInModule } from '../src/plugins/plugins-in-module.js';
import { manifest, plantTree, rewardSource } from './plugin-tree.js';

const found = (source: string, more: object = {}): FoundPlugin & { readonly kind: 'reward' } => {
  const root = plantTree({ 'package.json': manifest('mine', 'reward', 'foo', more), 'index.js': source });
  const [plugin] = discoverPlugins({ cwd: root }).plugins;
  if (plugin === undefined) throw new Error('nothing discovered');
  return { ...plugin, kind: 'reward' };
};

const importNatively = (path: string): Promise<unknown> =>
  import(/* @vite-ignore */ pathToFileURL(path).href);
const load = (source: string) => loadPlugin(found(source), importNatively);

describe('loadPlugin', () => {
  it('imports the plugin', async () => {
    await expect(load(rewardSource('foo'))).resolves.toMatchObject({ kind: 'reward', name: 'foo' });
  });

  it('picks the export that has the name, where a module brings several plugins', async () => {
    const source = `${rewardSource('bar')} ${rewardSource('foo').replace('export default', 'export const foo =')}`;
    await expect(load(source)).resolves.toMatchObject({ name: 'foo' });
  });

  it.each([
    ['throw new Error("no such luck")', /cannot be imported: no such luck/],
    ['export const nothing = 1', /default export is undefined, not an object/],
    [rewardSource('other'), /calls itself "other"/],
    [rewardSource('foo').replace("kind: 'reward'", "kind: 'sampler'"), /kind "sampler" instead of "reward"/],
    [rewardSource('foo').replace('specVersion: 1', 'specVersion: 2'), /specVersion 2 instead of 1/],
    [rewardSource('foo').replace('create:', 'make:'), /has no method create/],
    [rewardSource('foo').replace("'~standard'", 'standard'), /has no options schema/],
  ])('refuses a module that is no such plugin: %s', async (source, message) => {
    await expect(load(source)).rejects.toThrow(message);
  });
});

describe('pluginsInModule', () => {
  const list = async (source: string) => {
    const root = plantTree({ 'mine.mjs': source });
    const plugins = await pluginsInModule('./mine.mjs', root, importNatively);
    for (const plugin of plugins) {
      expect(plugin).toMatchObject({ kind: 'reward', origin: 'requested', path: join(root, 'mine.mjs') });
      const loaded = await loadPlugin({ ...plugin, kind: 'reward' }, importNatively);
      expect(loaded.name).toBe(plugin.id);
    }
    return plugins.map(({ id, summary, package: { name } }) => [id, summary, name]);
  };
  const named = (id: string, name: string) => rewardSource(id).replace('export default', `const ${name} =`);

  it('lists what a module exports by itself, in a list, and as the plugins of a config', async () => {
    const foo = ['foo', 'The foo.', './mine.mjs'];
    const bar = ['bar', 'The bar.', './mine.mjs'];
    await expect(list(rewardSource('foo'))).resolves.toEqual([foo]);
    const both = `${named('foo', 'foo')} ${named('bar', 'bar')}`;
    await expect(list(`${both} export { foo, bar };`)).resolves.toEqual(expect.arrayContaining([foo, bar]));
    await expect(list(`${both} export default [foo, bar, foo];`)).resolves.toEqual([foo, bar]);
    const config = `${both} export default { reward: 'bar', plugins: ['draft-reward-x', bar] };`;
    await expect(list(config)).resolves.toEqual([bar]);
  });

  it.each([
    ['export default {};', /mine\.mjs exports no plugin/],
    ['throw new Error("no such luck")', /mine\.mjs cannot be imported: no such luck/],
  ])('refuses %s', async (source, message) => {
    await expect(list(source)).rejects.toThrow(message);
  });

  it('tells modules from packages by their paths', () => {
    const requests = ['./a.ts', '../b.mjs', '/c/d.js', './folder', 'draft-reward-x.js', '@acme/plugin.js'];
    expect(requests.filter(isModuleRequest)).toEqual(['./a.ts', '../b.mjs', '/c/d.js']);
  });
});

describe('compatibilityWarnings', () => {
  const core = { version: '0.4.0', directory: '/core' };

  it('warns of a peer range that the running core is outside of', () => {
    const plugin = found('', { peerDependencies: { '@draft/core': '^0.2.0' } });
    expect(compatibilityWarnings(plugin, core)).toEqual([
      'mine 1.2.3 asks for @draft/core ^0.2.0, but 0.4.0 is running: npm i mine@latest',
    ]);
    const newer = found('', { peerDependencies: { '@draft/core': '>=0.5.0 <1.0.0' } });
    expect(compatibilityWarnings(newer, core)).toEqual([
      'mine 1.2.3 asks for @draft/core >=0.5.0 <1.0.0, but 0.4.0 is running: npm i @draft/cli@latest @draft/core@latest',
    ]);
    const good = found('', { peerDependencies: { '@draft/core': '>=0.1.0 <1.0.0' } });
    expect(compatibilityWarnings(good, core)).toEqual([]);
  });

  it('warns of a second copy of core', () => {
    const root = plantTree({
      'package.json': manifest('mine', 'reward', 'foo'),
      'index.js': '',
      'node_modules/@draft/core/package.json': { name: '@draft/core', version: '0.4.0' },
    });
    const [plugin] = discoverPlugins({ cwd: root }).plugins;
    expect(plugin && compatibilityWarnings(plugin, core)[0]).toContain('another copy of @draft/core');
    const own = { version: '0.4.0', directory: join(root, 'node_modules/@draft/core') };
    expect(plugin && compatibilityWarnings(plugin, own)).toEqual([]);
  });
});
