import {
  compatibilityWarnings,
  DraftError,
  type FoundPlugin,
  loadPlugin,
  type PluginCatalogue,
  type PluginKind,
  type PluginOfKind,
  parsePluginOptions,
  resolvePlugin,
} from '@draft/core/plugins';
import type { CommandLayers } from '../config/command-layers.js';
import { optionOrigin } from '../config/option-origin.js';
import { importModule } from '../import-module.js';
import { findPlugins } from './find-plugins.js';

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
  /** The real path of each module that was loaded, likewise. */
  paths(): Readonly<Record<string, string>>;
}

/** The options that name plugins of a kind. */
const optionsFor: Readonly<Record<PluginKind, readonly string[]>> = {
  model: ['model'],
  checkpoint: ['model'],
  sampler: ['sampler'],
  algorithm: ['algorithm', 'algorithms'],
  reward: ['reward', 'watchReward'],
};

/**
 * Opens the plugins that a command can use.
 * @param layers What the user said: where to look for plugins, and where each is asked for.
 * @param warn Takes one line for each thing that may go wrong with a plugin.
 */
export const openPlugins = async (
  cwd: string,
  { layers, peek }: CommandLayers,
  warn: (message: string) => void,
): Promise<PluginAccess> => {
  const catalogue = await findPlugins(cwd, {
    packages: peek('plugins') as readonly string[],
    discover: peek('discover') !== false,
  });
  const used: Record<string, FoundPlugin> = {};
  const resolve: PluginAccess['resolve'] = (kind, request) =>
    resolvePlugin(kind, request, catalogue, cwd, optionOrigin(layers, optionsFor[kind], request));

  const load: PluginAccess['load'] = async (kind, request) => {
    const found = resolve(kind, request);
    for (const warning of compatibilityWarnings(found)) warn(`warning: ${warning}`);
    const plugin = await loadPlugin({ ...found, kind }, importModule);
    used[`${kind} ${plugin.name}`] = found;
    return plugin;
  };

  const ofUsed = (text: (found: FoundPlugin) => string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(used).map(([name, found]) => [name, text(found)]));

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
    versions: () =>
      ofUsed(({ package: { name, version } }) => (version === '' ? name : `${name}@${version}`)),
    paths: () => ofUsed(({ path }) => path),
  };
};
