import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { discoverPlugins, type PluginKind } from '@draft/core/plugins';
import { type ConformanceCheck, expectThat } from './conformance-check.js';

interface PackageFields {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly files?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, unknown>>;
}

/**
 * The nearest folder with a package.json.
 * @param start A folder, or the URL of a module.
 */
export const packageFolder = (start: string): string => {
  let folder = start.startsWith('file:') ? dirname(fileURLToPath(start)) : resolve(start);
  while (!existsSync(join(folder, 'package.json'))) {
    expectThat(dirname(folder) !== folder, `there is no package.json in or above ${start}`);
    folder = dirname(folder);
  }
  return folder;
};

const readFields = (folder: string): PackageFields =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFields;

const readCatalogue = (folder: string) => {
  const { plugins, broken } = discoverPlugins({ cwd: folder });
  const { name } = readFields(folder);
  return {
    plugins: plugins.filter((plugin) => plugin.package.name === name),
    broken: broken.filter((item) => item.package === name),
  };
};

/** What the package.json of a package with plugins has to say. */
export const manifestChecks = (
  start: string,
  expected?: { readonly kind: PluginKind; readonly name: string },
): readonly ConformanceCheck[] => [
  {
    title: 'has a manifest that can be used',
    run() {
      const folder = packageFolder(start);
      const { plugins, broken } = readCatalogue(folder);
      expectThat(broken.length === 0, `its package.json: ${broken.map(({ reason }) => reason).join('; ')}`);
      expectThat(plugins.length > 0, 'its package.json has no "draft" field that names a plugin');
      const silent = plugins.find(({ summary }) => summary.trim() === '');
      expectThat(silent === undefined, `the ${silent?.kind} "${silent?.id}" has no summary in the manifest`);
      if (expected !== undefined) {
        const found = plugins.some(({ kind, id }) => kind === expected.kind && id === expected.name);
        expectThat(found, `its manifest names no ${expected.kind} "${expected.name}"`);
      }
    },
  },
  {
    title: 'takes @draft/core as a peer',
    run() {
      const folder = packageFolder(start);
      const { dependencies = {}, peerDependencies = {}, type } = readFields(folder);
      const { plugins } = readCatalogue(folder);
      // A package of nothing but weights needs no code.
      if (plugins.length > 0 && plugins.every(({ kind }) => kind === 'checkpoint')) return;
      expectThat(type === 'module', 'its package.json has no "type": "module"');
      expectThat(
        dependencies['@draft/core'] === undefined,
        '@draft/core is among its dependencies, which brings a second tensor engine: make it a peer dependency',
      );
      expectThat(
        typeof peerDependencies['@draft/core'] === 'string',
        'its peerDependencies lack @draft/core, such as ">=0.1.0 <1.0.0"',
      );
      const engine = Object.keys(dependencies).find((name) => name.startsWith('@tensorflow/'));
      expectThat(engine === undefined, `it depends on ${engine}: take tf from @draft/core`);
    },
  },
  {
    title: 'publishes what its manifest points to',
    run() {
      const folder = packageFolder(start);
      const { files } = readFields(folder);
      if (!Array.isArray(files)) return;
      const { draft = {} } = readFields(folder) as { draft?: Record<string, unknown> };
      // What draft.check names is for its author.
      const { check: _, ...manifest } = draft;
      const paths = Object.values(manifest)
        .flatMap((kind) => (typeof kind === 'object' && kind !== null ? Object.values(kind) : []))
        .flatMap((entry: unknown) =>
          typeof entry === 'string' ? [entry] : Object.values((entry ?? {}) as Record<string, unknown>),
        )
        .filter((value): value is string => typeof value === 'string' && value.startsWith('./'));
      const published = (path: string) =>
        files.some((item) => {
          const inside = relative(
            resolve(folder, String(item).replace(/\/\*.*$/, '')),
            resolve(folder, path),
          );
          return !inside.startsWith('..');
        });
      const missing = paths.find((path) => !published(path));
      expectThat(missing === undefined, `"files" of its package.json leaves out ${missing}`);
    },
  },
];
