import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  DraftError,
  drawsPlans,
  needsRewardGradients,
  type PluginOfKind,
  requireRewardGradient,
  requireTrainableParts,
  type TrainedPart,
} from '@draft/core/plugins';
import { type CommandLayers, readLayers } from '../config/command-layers.js';
import { flagOf } from '../config/option.js';
import { parseMemory } from '../config/parse-memory.js';
import { parseSize } from '../config/parse-size.js';
import { parseTrain } from '../config/parse-train.js';
import { resolveConfig } from '../config/resolve-config.js';
import { type TrainConfig, trainOptions, trainSchema } from '../config/train-options.js';
import type { Progress } from '../progress/progress.js';
import { type CheckpointSettings, readCheckpointSettings } from './checkpoint-settings.js';
import { chooseArchitecture, locateModel, type ModelPlace } from './choose-model.js';
import { createAlgorithm } from './create-algorithm.js';
import { type HubAccess, openHub } from './hub-access.js';
import { type ConfiguredPlugin, openPlugins, type PluginAccess } from './plugin-access.js';
import { readPrompts } from './read-prompts.js';
import { type ConfiguredReward, readWatchedRewards } from './read-rewards.js';
import type { RecordedConfig } from './resume-run.js';

/** Everything about a run that can be known, and be wrong, before anything heavy starts. */
export interface PreparedTraining {
  readonly config: TrainConfig;
  readonly plugins: PluginAccess;
  readonly hub: HubAccess;
  readonly place: ModelPlace;
  readonly architecture: PluginOfKind<'model'>;
  readonly prompts: readonly string[];
  readonly heldOut: readonly string[];
  readonly size: ReturnType<typeof parseSize>;
  readonly rewards: readonly ConfiguredReward[];
  /** Rewards that are not trained on; the sign of their weight says which way is better. */
  readonly watched: readonly ConfiguredReward[];
  readonly algorithm: ConfiguredPlugin<'algorithm'>;
  /** What learns. */
  readonly train: readonly TrainedPart[];
  readonly sampler: ConfiguredPlugin<'sampler'>;
}

const choosePrompts = (
  config: TrainConfig,
  settings: CheckpointSettings,
  cwd: string,
): Pick<PreparedTraining, 'prompts' | 'heldOut'> => {
  if (config.prompts === undefined || config.prompts.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      'There are no prompts to train on: give some with --prompts, or a text file of them.',
    );
  }
  return {
    prompts: readPrompts(config.prompts, settings.prompts, cwd),
    heldOut: config.heldOut === undefined ? [] : readPrompts(config.heldOut, settings.prompts, cwd),
  };
};

/**
 * Resolves and checks what a training run was told: options, model, prompts, plugins and their options. Reads
 * files and imports plugins, but loads no weights and starts no tensor runtime.
 * @param recorded The prompts of a run that is continued, which are not read again, and the commits of its checkpoints.
 */
export const prepareTraining = async (
  { layers, peek }: CommandLayers,
  cwd: string,
  progress: Progress,
  recorded?: Omit<RecordedConfig, 'options' | 'command'>,
): Promise<PreparedTraining> => {
  const plugins = openPlugins(cwd, peek('plugins') as readonly string[], progress.log);
  const hub = openHub(progress, recorded?.checkpoints);
  const place = await locateModel(String(peek('model')), plugins, cwd, hub);
  const settings = await readCheckpointSettings(place.checkpoint);
  const recommended = {
    values: settings.train,
    flags: false,
    where: () => 'recommended settings of the checkpoint',
  };
  // A run that is continued has recorded every option; what is recommended today is not what it began with.
  const config = resolveConfig(trainSchema, recorded ? layers : [...layers, recommended]);
  const size = parseSize(config.size);
  parseMemory(config.memory);
  const texts = recorded ?? choosePrompts(config, settings, cwd);
  const { rewards, watched } = await readWatchedRewards(config, plugins);
  const algorithm = await plugins.configure('algorithm', config.algorithm, config.set);
  const architecture = await chooseArchitecture(place.path, plugins, config.modelSet);
  const sampler = await plugins.configure('sampler', config.sampler, config.samplerSet);
  const made = createAlgorithm(algorithm, config);
  const train = parseTrain(config.train);
  requireTrainableParts(train, {
    algorithm: made,
    name: `The algorithm ${algorithm.plugin.name}`,
    guidance: config.guidance,
  });
  // What a checkpoint recommends does not oblige an algorithm that has no trained steps.
  for (const name of ['basePenalty', 'klPenalty']) {
    if (drawsPlans(made) || recorded !== undefined || !(Number(peek(name)) > 0)) continue;
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `${flagOf(name)} holds the sampling steps that learn to the base model, but ${algorithm.plugin.name} does not back-propagate through them: leave it out.`,
    );
  }
  if (config.sampleEvery === 0 && (config.guard === 'stop' || watched.length > 0)) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `${config.guard === 'stop' ? '--guard stop' : '--watch-reward'} looks at sample pictures, of which --sample-every 0 makes none: leave one of them out.`,
    );
  }
  if (needsRewardGradients(made)) {
    for (const { name, plugin } of rewards) requireRewardGradient(name, plugin.differentiable !== false);
  }
  if (config.normaliseRewards && !drawsPlans(made)) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--normalise-rewards divides weights by gradients that ${algorithm.plugin.name} does not take: leave it out.`,
    );
  }
  if (config.microBatch !== undefined && config.microBatch > config.batch) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--micro-batch ${config.microBatch} is more than --batch ${config.batch}: a batch is computed in parts of at most its size.`,
    );
  }
  if (config.lora !== undefined && !existsSync(resolve(cwd, config.lora))) {
    throw new DraftError('DRAFT_FILE_NOT_FOUND', `There is no LoRA file ${config.lora}.`);
  }
  return {
    config,
    plugins,
    hub,
    place,
    architecture,
    ...texts,
    size,
    rewards,
    watched,
    algorithm,
    train,
    sampler,
  };
};

/** Reads flags and config of `draft train`. */
export const readTrainLayers = (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<CommandLayers> => readLayers(trainOptions, typed, cwd);
