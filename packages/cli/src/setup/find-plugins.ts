import { discoverPlugins, isModuleRequest, type PluginCatalogue, pluginsInModule } from '@draft/core/plugins';
import { cliDirectory } from '../cli-directory.js';
import { importModule } from '../import-module.js';

/** Where plugins are looked for. */
export interface PluginPlaces {
  /** Packages, folders that hold one, and modules that export plugins. */
  readonly packages: readonly string[];
  /** Whether to look further than there and among what came with the command line. */
  readonly discover: boolean;
}

/** Finds the plugins that there are. Of packages only package.json is read; a module that is named is imported. */
export const findPlugins = async (
  cwd: string,
  { packages, discover }: PluginPlaces,
): Promise<PluginCatalogue> => {
  const named = packages.filter((request) => !isModuleRequest(request));
  const catalogue = discoverPlugins({ cwd, cliDirectory, packages: named, discover });
  const modules = [...new Set(packages.filter(isModuleRequest))];
  const own = await Promise.all(modules.map((request) => pluginsInModule(request, cwd, importModule)));
  return { ...catalogue, plugins: [...own.flat(), ...catalogue.plugins] };
};
