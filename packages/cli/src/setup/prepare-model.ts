import type { PluginOfKind } from '@draft/core/plugins';
import type { CommandLayers } from '../config/command-layers.js';
import type { ConfigLayer } from '../config/config-layer.js';
import { parseSize } from '../config/parse-size.js';
import type { Progress } from '../progress/progress.js';
import { type CheckpointSettings, readCheckpointSettings } from './checkpoint-settings.js';
import { chooseArchitecture, locateModel, type ModelPlace } from './choose-model.js';
import { type HubAccess, openHub } from './hub-access.js';
import { type ConfiguredPlugin, openPlugins, type PluginAccess } from './plugin-access.js';

/** What a command has before its options are resolved: plugins, and the model that it was told. */
export interface FoundModel {
  readonly plugins: PluginAccess;
  readonly hub: HubAccess;
  readonly place: ModelPlace;
}

/** A model that is found, and how pictures are made with it; nothing of it is loaded. */
export interface PreparedModel extends FoundModel {
  readonly architecture: PluginOfKind<'model'>;
  readonly sampler: ConfiguredPlugin<'sampler'>;
  readonly size: ReturnType<typeof parseSize>;
}

/**
 * Opens the plugins, and finds the model.
 * @param commits Of the Hub's repositories that are to be used again.
 */
export const findModel = async (
  layers: CommandLayers,
  cwd: string,
  progress: Progress,
  commits?: Readonly<Record<string, string>>,
): Promise<{ readonly found: FoundModel; readonly settings: CheckpointSettings }> => {
  const plugins = await openPlugins(cwd, layers, progress.log);
  const hub = openHub(progress, commits);
  const place = await locateModel(String(layers.peek('model')), plugins, cwd, hub);
  return { found: { plugins, hub, place }, settings: await readCheckpointSettings(place.checkpoint) };
};

/** What a checkpoint recommends, as options below what the user said. */
export const recommendedLayer = (values: Readonly<Record<string, unknown>>): ConfigLayer => ({
  values,
  flags: false,
  where: () => 'recommended settings of the checkpoint',
});

/** Chooses what loads the model, and checks the options of model and sampler. */
export const prepareModel = async (
  found: FoundModel,
  config: {
    readonly modelSet: Readonly<Record<string, unknown>>;
    readonly sampler: string;
    readonly samplerSet: Readonly<Record<string, unknown>>;
    readonly size?: string | number | undefined;
  },
): Promise<PreparedModel> => {
  const size = parseSize(config.size);
  const architecture = await chooseArchitecture(found.place.path, found.plugins, config.modelSet);
  const sampler = await found.plugins.configure('sampler', config.sampler, config.samplerSet);
  return { ...found, architecture, sampler, size };
};
