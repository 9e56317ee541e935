import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DraftError, type PluginOfKind, requireRewardGradient } from '@draft/core/plugins';
import { readLayers } from '../config/command-layers.js';
import type { Options } from '../config/config-layer.js';
import type { EstimateConfig } from '../config/gradient-options.js';
import { type LoraChoice, parseLora } from '../config/parse-lora.js';
import { parseSize } from '../config/parse-size.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Progress } from '../progress/progress.js';
import { readCheckpointSettings } from './checkpoint-settings.js';
import { chooseArchitecture, locateModel, type ModelPlace } from './choose-model.js';
import { type HubAccess, openHub } from './hub-access.js';
import { type ConfiguredPlugin, openPlugins, type PluginAccess } from './plugin-access.js';
import { readPrompts } from './read-prompts.js';
import { type ConfiguredReward, readRewards } from './read-rewards.js';

/** Everything about an estimate that can be known, and be wrong, before anything heavy starts. */
export interface PreparedEstimate<Config extends EstimateConfig = EstimateConfig> {
  readonly config: Config;
  readonly plugins: PluginAccess;
  readonly hub: HubAccess;
  readonly place: ModelPlace;
  readonly architecture: PluginOfKind<'model'>;
  readonly prompts: readonly string[];
  readonly size: ReturnType<typeof parseSize>;
  readonly rewards: readonly ConfiguredReward[];
  readonly sampler: ConfiguredPlugin<'sampler'>;
  readonly lora: LoraChoice | undefined;
}

/**
 * Resolves and checks what an estimating command was told; loads no weights and starts no tensor runtime.
 */
export const prepareEstimate = async <Config extends EstimateConfig>(
  { options, schema }: { readonly options: Options; readonly schema: Parameters<typeof resolveConfig>[0] },
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
  progress: Progress,
): Promise<PreparedEstimate<Config>> => {
  const { layers, peek } = await readLayers(options, typed, cwd);
  const plugins = openPlugins(cwd, peek('plugins') as readonly string[], progress.log);
  const hub = openHub(progress);
  const place = await locateModel(String(peek('model')), plugins, cwd, hub);
  const settings = await readCheckpointSettings(place.checkpoint);
  // Of what suits training, only what decides a sample and which layers are adapted; how many samples is said here, and
  // what is added to the reward.
  const decisive = Object.entries(settings.train).filter(([name]) =>
    ['size', 'steps', 'guidance', 'modelSet', 'sampler', 'samplerSet', 'targets', 'rank', 'alpha'].includes(
      name,
    ),
  );
  const recommended = {
    values: Object.fromEntries(decisive),
    flags: false,
    where: () => 'recommended settings of the checkpoint',
  };
  const config = resolveConfig(schema, [...layers, recommended]) as unknown as Config;
  if (config.prompts === undefined || config.prompts.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      'There are no prompts to sample: give some with --prompts, or a text file of them.',
    );
  }
  const prompts = readPrompts(config.prompts, settings.prompts, cwd);
  const rewards = await readRewards(config.reward, config.rewardSet, plugins);
  for (const { name, plugin } of rewards) requireRewardGradient(name, plugin.differentiable !== false);
  const lora = config.lora === undefined ? undefined : parseLora(config.lora);
  const latents = Reflect.get(config, 'latents') as string | undefined;
  for (const file of [lora?.file, latents]) {
    if (file !== undefined && !existsSync(resolve(cwd, file))) {
      throw new DraftError('DRAFT_FILE_NOT_FOUND', `There is no file ${file}.`);
    }
  }
  const architecture = await chooseArchitecture(place.path, plugins, config.modelSet);
  const sampler = await plugins.configure('sampler', config.sampler, config.samplerSet);
  const size = parseSize(config.size);
  return {
    config,
    plugins,
    hub,
    place,
    architecture,
    prompts,
    size,
    rewards,
    sampler,
    lora,
  };
};
