import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DraftError, type PluginOfKind } from '@draft/core/plugins';
import { readLayers } from '../config/command-layers.js';
import { type GenerateConfig, generateOptions, generateSchema } from '../config/generate-options.js';
import { type LoraChoice, parseLora } from '../config/parse-lora.js';
import { type LoraSteps, parseLoraSteps } from '../config/parse-lora-steps.js';
import { parseScales } from '../config/parse-scales.js';
import { parseSize } from '../config/parse-size.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Progress } from '../progress/progress.js';
import { type LoraVariations, loraVariations } from '../run/lora-variations.js';
import { readCheckpointSettings } from './checkpoint-settings.js';
import { chooseArchitecture, locateModel, type ModelPlace } from './choose-model.js';
import { type HubAccess, openHub } from './hub-access.js';
import { type ConfiguredPlugin, openPlugins, type PluginAccess } from './plugin-access.js';
import { type PreparedStrategy, prepareStrategy } from './prepare-strategy.js';
import { readPrompts } from './read-prompts.js';
import { type ConfiguredReward, readRewards } from './read-rewards.js';

/** Everything about making pictures that can be known, and be wrong, before anything heavy starts. */
export interface PreparedGeneration {
  readonly config: GenerateConfig;
  readonly plugins: PluginAccess;
  readonly hub: HubAccess;
  readonly place: ModelPlace;
  readonly architecture: PluginOfKind<'model'>;
  /** One a picture. */
  readonly prompts: readonly string[];
  readonly size: ReturnType<typeof parseSize>;
  readonly loras: readonly LoraChoice[];
  readonly variations: LoraVariations;
  /** Undefined: all steps. */
  readonly loraSteps: LoraSteps | undefined;
  readonly sampler: ConfiguredPlugin<'sampler'>;
  /** What judges the pictures; may be none. */
  readonly rewards: readonly ConfiguredReward[];
  readonly strategy: PreparedStrategy;
}

/** Resolves and checks what `draft generate` was told; loads no weights and starts no tensor runtime. */
export const prepareGeneration = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
  progress: Progress,
): Promise<PreparedGeneration> => {
  const { layers, peek } = await readLayers(generateOptions, typed, cwd);
  const plugins = openPlugins(cwd, peek('plugins') as readonly string[], progress.log);
  const hub = openHub(progress);
  const place = await locateModel(String(peek('model')), plugins, cwd, hub);
  const settings = await readCheckpointSettings(place.checkpoint);
  const recommended = {
    values: settings.generate,
    flags: false,
    where: () => 'recommended settings of the checkpoint',
  };
  const config = resolveConfig(generateSchema, [...layers, recommended]);
  if (config.prompts === undefined || config.prompts.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      'There are no prompts to draw: give some with --prompts, or a text file of them.',
    );
  }
  const texts = readPrompts(config.prompts, settings.prompts, cwd);
  const prompts = texts.flatMap((prompt) => Array.from({ length: config.perPrompt }, () => prompt));
  const loras = [config.lora].flat().map(parseLora);
  const { loraSteps: asked, scaleSweep, mixGrid } = config;
  if (asked !== undefined && loras.length === 0) {
    throw new DraftError('DRAFT_OPTION_INVALID', '--lora-steps needs a LoRA: give one with --lora.');
  }
  const loraSteps = asked === undefined ? undefined : parseLoraSteps(String(asked), config.steps);
  const variations = loraVariations({
    loras,
    scaleSweep: scaleSweep === undefined ? undefined : parseScales('--scale-sweep', scaleSweep),
    mixGrid: mixGrid === undefined ? undefined : parseScales('--mix-grid', mixGrid),
  });
  for (const file of [
    ...loras.map((lora) => lora.file),
    ...(config.latents === undefined ? [] : [config.latents]),
  ]) {
    if (!existsSync(resolve(cwd, file))) {
      throw new DraftError('DRAFT_FILE_NOT_FOUND', `There is no file ${file}.`);
    }
  }
  if (config.reward.length === 0 && Object.keys(config.rewardSet).length > 0) {
    throw new DraftError('DRAFT_OPTION_INVALID', '--reward-set needs a reward: give one with --reward.');
  }
  const rewards = await readRewards(config.reward, config.rewardSet, plugins);
  const strategy = await prepareStrategy(config, rewards);
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
    loras,
    variations,
    loraSteps,
    sampler,
    rewards,
    strategy,
  };
};
