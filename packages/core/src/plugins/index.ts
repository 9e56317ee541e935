export { drawsPlans, needsRewardGradients, requireRewardGradient } from '../contracts/algorithm.js';
export { requireTrainableParts, type TrainedPart, trainedParts } from '../contracts/trained-parts.js';
export { DraftError } from '../errors/draft-error.js';
export { compatibilityWarnings } from './compatibility-warnings.js';
export { type DiscoveryOptions, discoverPlugins } from './discover-plugins.js';
export type {
  BrokenPlugin,
  FoundPlugin,
  PluginCatalogue,
  PluginOrigin,
  PluginPackage,
} from './found-plugin.js';
export { type ImportModule, loadPlugin, type PluginOfKind } from './load-plugin.js';
export { nearestName } from './nearest-name.js';
export { runningCore } from './package-json.js';
export { type PluginKind, parsePluginKind, pluginKinds } from './plugin-kind.js';
export {
  describeOptions,
  type OptionDescription,
  optionsJsonSchema,
  parsePluginOptions,
} from './plugin-options.js';
export { pluginProblem } from './plugin-shape.js';
export { isModuleRequest, pluginsInModule } from './plugins-in-module.js';
export { isPathRequest, resolvePlugin } from './resolve-plugin.js';
