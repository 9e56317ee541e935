export { DraftError } from '../errors/draft-error.js';
export { compatibilityWarnings } from './compatibility-warnings.js';
export type { DiscoveryOptions } from './discover-plugins.js';
export { discoverPlugins } from './discover-plugins.js';
export type {
  BrokenPlugin,
  FoundPlugin,
  PluginCatalogue,
  PluginOrigin,
  PluginPackage,
} from './found-plugin.js';
export type { ImportModule, PluginOfKind } from './load-plugin.js';
export { loadPlugin } from './load-plugin.js';
export { nearestName } from './nearest-name.js';
export { runningCore } from './package-json.js';
export type { PluginKind } from './plugin-kind.js';
export { parsePluginKind, pluginKinds } from './plugin-kind.js';
export type { OptionDescription } from './plugin-options.js';
export { describeOptions, optionsJsonSchema, parsePluginOptions } from './plugin-options.js';
export { isPathRequest, resolvePlugin } from './resolve-plugin.js';
