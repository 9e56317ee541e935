import {
  compatibilityWarnings,
  DraftError,
  discoverPlugins,
  type FoundPlugin,
  loadPlugin,
  type PluginCatalogue,
  type PluginKind,
  type PluginOfKind,
  parsePluginOptions,
  resolvePlugin,
} from '@draft/core/plugins';
import { cliDirectory } from '../cli-directory.js';
import { importModule } from '../import-module.js';

type CodeKind = Exclude<PluginKind, 'checkpoint'>;

/** A plugin with its options checked and filled in. */
export interface ConfiguredPlugin<Kind extends CodeKind> {
  readonly plugin: PluginOfKind<Kind>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Finds and loads the plugins of one command. */
export interface PluginAccess {
  readonly catalogue: PluginCatalogue;
  /** Resolves a request without importing anything. */
  resolve(kind: PluginKind, request: string): FoundPlugin;
  load<Kind extends CodeKind>(kind: Kind, request: string): Promise<PluginOfKind<Kind>>;
  /** Loads a plugin and checks the options that it is given. */
  configure<Kind extends CodeKind>(
    kind: Kind,
    request: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<ConfiguredPlugin<Kind>>;
  /** `name@version` of every package that was loaded, by kind and name of the plugin. */
  versions(): Readonly<Record<string, string>>;
}

/**
 * Opens the installed plugins.
 * @param packages Further packages or folders to look into.
 * @param warn Takes one line for each thing that may go wrong with a plugin.
 */
export const openPlugins = (
  cwd: string,
  packages: readonly string[],
  warn: (message: string) => void,
): PluginAccess => {
  const catalogue = discoverPlugins({ cwd, cliDirectory, packages });
  const used: Record<string, string> = {};
  const resolve: PluginAccess['resolve'] = (kind, request) => resolvePlugin(kind, request, catalogue, cwd);

  const load: PluginAccess['load'] = async (kind, request) => {
    const found = resolve(kind, request);
    for (const warning of compatibilityWarnings(found)) warn(`warning: ${warning}`);
    const plugin = await loadPlugin({ ...found, kind }, importModule);
    const { name, version } = found.package;
    used[`${kind} ${plugin.name}`] = version === '' ? name : `${name}@${version}`;
    return plugin;
  };

  return {
    catalogue,
    resolve,
    load,
    async configure(kind, request, options) {
      const plugin = await load(kind, request);
      const checked: unknown = await parsePluginOptions(plugin.options, options, `${kind} "${plugin.name}"`);
      if (typeof checked !== 'object' || checked === null) {
        throw new DraftError(
          'DRAFT_PLUGIN_BROKEN',
          `The options schema of the ${kind} "${plugin.name}" gives no object.`,
        );
      }
      return { plugin, options: checked as Readonly<Record<string, unknown>> };
    },
    versions: () => ({ ...used }),
  };
};
