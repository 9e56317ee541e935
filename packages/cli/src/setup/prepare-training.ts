import {
  DraftError,
  drawsPlans,
  needsRewardGradients,
  requireRewardGradient,
  requireTrainableParts,
  type TrainedPart,
} from '@draft/core/plugins';
import { type CommandLayers, readLayers } from '../config/command-layers.js';
import { flagOf } from '../config/option.js';
import { parseMemory } from '../config/parse-memory.js';
import { parseTrain } from '../config/parse-train.js';
import { resolveConfig } from '../config/resolve-config.js';
import { type TrainConfig, trainOptions, trainSchema } from '../config/train-options.js';
import type { Progress } from '../progress/progress.js';
import type { CheckpointSettings } from './checkpoint-settings.js';
import { createAlgorithm } from './create-algorithm.js';
import type { ConfiguredPlugin } from './plugin-access.js';
import { findModel, type PreparedModel, prepareModel, recommendedLayer } from './prepare-model.js';
import { readPrompts } from './read-prompts.js';
import { type ConfiguredReward, readWatchedRewards } from './read-rewards.js';
import { requireFiles } from './require-files.js';
import { requirePrompts } from './require-prompts.js';
import type { RecordedConfig } from './resume-run.js';

/** Everything about a run that can be known, and be wrong, before anything heavy starts. */
export interface PreparedTraining extends PreparedModel {
  readonly config: TrainConfig;
  readonly prompts: readonly string[];
  readonly heldOut: readonly string[];
  readonly rewards: readonly ConfiguredReward[];
  /** Rewards that are not trained on; the sign of their weight says which way is better. */
  readonly watched: readonly ConfiguredReward[];
  readonly algorithm: ConfiguredPlugin<'algorithm'>;
  /** What learns. */
  readonly train: readonly TrainedPart[];
}

const choosePrompts = (
  config: TrainConfig,
  settings: CheckpointSettings,
  cwd: string,
): Pick<PreparedTraining, 'prompts' | 'heldOut'> => {
  const read = (texts: string | readonly string[]) => readPrompts(texts, settings.prompts, cwd);
  return {
    prompts: read(requirePrompts(config.prompts, 'train on')),
    heldOut: config.heldOut === undefined ? [] : read(config.heldOut),
  };
};

/**
 * Resolves and checks what a training run was told: options, model, prompts, plugins and their options. Reads
 * files and imports plugins, but loads no weights and starts no tensor runtime.
 * @param recorded The prompts of a run that is continued, which are not read again, and the commits of its checkpoints.
 */
export const prepareTraining = async (
  said: CommandLayers,
  cwd: string,
  progress: Progress,
  recorded?: Omit<RecordedConfig, 'options' | 'command'>,
): Promise<PreparedTraining> => {
  const { found, settings } = await findModel(said, cwd, progress, recorded?.checkpoints);
  const { layers, peek } = said;
  const { plugins } = found;
  // A run that is continued has recorded every option; what is recommended today is not what it began with.
  const config = resolveConfig(
    trainSchema,
    recorded ? layers : [...layers, recommendedLayer(settings.train)],
  );
  parseMemory(config.memory);
  const texts = recorded ?? choosePrompts(config, settings, cwd);
  const { rewards, watched } = await readWatchedRewards(config, plugins);
  const algorithm = await plugins.configure('algorithm', config.algorithm, config.set);
  const prepared = await prepareModel(found, config);
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
  if (config.normaliseRewards && rewards.length === 1 && recorded === undefined) {
    progress.log('--normalise-rewards changes nothing: there is one reward.');
  }
  if (config.microBatch !== undefined && config.microBatch > config.batch) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--micro-batch ${config.microBatch} is more than --batch ${config.batch}: a batch is computed in parts of at most its size.`,
    );
  }
  requireFiles([config.lora], cwd);
  return { ...prepared, config, ...texts, rewards, watched, algorithm, train };
};

/** Reads flags and config of `draft train`. */
export const readTrainLayers = (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<CommandLayers> => readLayers(trainOptions, typed, cwd);
