import { dirname, resolve } from 'node:path';
import type { Plugin } from '../contracts/plugin.js';
import { DraftError } from '../errors/draft-error.js';
import type { FoundPlugin } from './found-plugin.js';
import type { ImportModule } from './load-plugin.js';
import { isObject, realPath } from './package-json.js';
import { exportedValues, pluginProblem } from './plugin-shape.js';
import { isPathRequest } from './resolve-plugin.js';

/** Whether what is to be looked into is a module, not a package: a path that ends like `.js` or `.ts`. */
export const isModuleRequest = (request: string): boolean =>
  isPathRequest(request) && /\.[cm]?[jt]s$/.test(request);

/**
 * Imports a module and lists the plugins that it exports, by themselves or in lists, or has under `plugins` where it is a
 * config.
 * @throws DraftError `DRAFT_PLUGIN_PACKAGE_MISSING`, `DRAFT_PLUGIN_BROKEN`.
 */
export const pluginsInModule = async (
  request: string,
  cwd: string,
  importModule: ImportModule,
): Promise<readonly FoundPlugin[]> => {
  const path = realPath(resolve(cwd, request));
  if (path === undefined) {
    throw new DraftError(
      'DRAFT_PLUGIN_PACKAGE_MISSING',
      `There is no module ${request} to look for plugins in.`,
    );
  }
  let module: unknown;
  try {
    module = await importModule(path);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
    throw new DraftError('DRAFT_PLUGIN_BROKEN', `${request} cannot be imported: ${reason}`, { cause });
  }
  const values = isObject(module) ? exportedValues(module) : [];
  const plugins = [...new Set(values)].filter((value): value is Plugin => pluginProblem(value) === undefined);
  if (plugins.length === 0) {
    throw new DraftError(
      'DRAFT_PLUGIN_BROKEN',
      `${request} exports no plugin: export one, or name a package or its folder.`,
    );
  }
  const from = { name: request, version: '', directory: dirname(path) };
  return plugins.map(({ kind, name, description }) => ({
    ...{ kind, id: name, summary: description, path },
    ...{ package: from, origin: 'requested' },
  }));
};
