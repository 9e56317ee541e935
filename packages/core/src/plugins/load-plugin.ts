import { pathToFileURL } from 'node:url';
import type { Plugin } from '../contracts/plugin.js';
import { DraftError } from '../errors/draft-error.js';
import type { FoundPlugin } from './found-plugin.js';
import { isObject } from './package-json.js';
import type { PluginKind } from './plugin-kind.js';
import { exportedValues, structuralProblem } from './plugin-shape.js';

/** The plugins that are code, by kind. */
export type PluginOfKind<Kind extends PluginKind> = Extract<Plugin, { readonly kind: Kind }>;

/** How a module is imported; another one than Node's for TypeScript files. */
export type ImportModule = (path: string) => Promise<unknown>;

const importFile: ImportModule = (path) => import(/* @vite-ignore */ pathToFileURL(path).href);

/** The export that the manifest names; else the one that calls itself so; else the default export. */
const pickExport = (module: Readonly<Record<string, unknown>>, plugin: FoundPlugin): unknown => {
  if (plugin.exportName !== undefined) return module[plugin.exportName];
  const named = exportedValues(module).find(
    (value) => isObject(value) && value.kind === plugin.kind && value.name === plugin.id,
  );
  return named ?? module.default;
};

/**
 * Imports one plugin and checks that it is what its manifest says.
 * @throws DraftError `DRAFT_PLUGIN_BROKEN` where its module fails or exports something else.
 */
export const loadPlugin = async <Kind extends Exclude<PluginKind, 'checkpoint'>>(
  plugin: FoundPlugin & { readonly kind: Kind },
  importModule: ImportModule = importFile,
): Promise<PluginOfKind<Kind>> => {
  const label = `${plugin.kind} "${plugin.id || plugin.package.name}" of ${plugin.package.name}`;
  let module: unknown;
  try {
    module = await importModule(plugin.path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DraftError('DRAFT_PLUGIN_BROKEN', `The ${label} cannot be imported: ${reason.split('\n')[0]}`, {
      cause,
    });
  }
  const value = isObject(module) ? pickExport(module, plugin) : undefined;
  const problem = structuralProblem(value, plugin.kind);
  if (problem !== undefined) {
    throw new DraftError(
      'DRAFT_PLUGIN_BROKEN',
      `The ${label} is no ${plugin.kind} plugin: its ${plugin.exportName ?? 'default'} export ${problem}.`,
    );
  }
  const loaded = value as PluginOfKind<Kind>;
  if (plugin.id !== '' && loaded.name !== plugin.id) {
    throw new DraftError(
      'DRAFT_PLUGIN_BROKEN',
      `The ${label} calls itself "${loaded.name}": the name in the manifest and in the code must agree.`,
    );
  }
  return loaded;
};
