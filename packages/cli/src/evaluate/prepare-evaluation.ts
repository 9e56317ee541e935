import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { samplingBeside } from '@draft/core';
import { DraftError, nearestName } from '@draft/core/plugins';
import type { CommandLayers } from '../config/command-layers.js';
import { type EvaluateConfig, evaluateOptions, evaluateSchema } from '../config/evaluate-options.js';
import { type LoraChoice, parseLora } from '../config/parse-lora.js';
import { parseScales } from '../config/parse-scales.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Progress } from '../progress/progress.js';
import { findModel, type PreparedModel, prepareModel, recommendedLayer } from '../setup/prepare-model.js';
import { type PreparedStrategy, prepareStrategy } from '../setup/prepare-strategy.js';
import { type ConfiguredReward, readRewards } from '../setup/read-rewards.js';
import type { StrategyName } from '../strategies/strategy-names.js';
import type { EvaluationPlan } from './evaluation-plan.js';
import type { EvaluationPrompt } from './prompts/evaluation-prompt.js';
import { shippedPromptSets } from './prompts/prompt-sets.js';
import { readEvaluationPrompts } from './prompts/read-evaluation-prompts.js';
import { listVariants } from './variants.js';

/** A LoRA file with what tells it from another of the same name. */
export interface EvaluatedLora extends LoraChoice {
  /** Absolute path. */
  readonly path: string;
  readonly sha256: string;
  /** That of the sampling weights that go with it; null where there are none. */
  readonly sampling: string | null;
}

/** Everything about an evaluation that can be known, and be wrong, before anything heavy starts. */
export interface PreparedEvaluation extends PreparedModel {
  readonly config: EvaluateConfig;
  readonly plan: EvaluationPlan;
  readonly loras: readonly EvaluatedLora[];
  readonly rewards: readonly ConfiguredReward[];
  /** How pictures are drawn, by strategy; null is without. */
  readonly strategies: ReadonlyMap<StrategyName | null, PreparedStrategy>;
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const openLora = (choice: LoraChoice, cwd: string): EvaluatedLora => {
  const path = resolve(cwd, choice.file);
  if (!existsSync(path)) throw new DraftError('DRAFT_FILE_NOT_FOUND', `There is no file ${choice.file}.`);
  try {
    const sha256 = hashOf(path);
    const beside = samplingBeside(path);
    return { ...choice, path, sha256, sampling: beside === undefined ? null : hashOf(beside) };
  } catch (cause) {
    if (DraftError.is(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new DraftError('DRAFT_FILE_UNREADABLE', `The LoRA ${choice.file} cannot be read: ${reason}.`, {
      cause,
    });
  }
};

const prepareStrategies = async (
  { strategy: names, strategySet }: EvaluateConfig,
  rewards: readonly ConfiguredReward[],
): Promise<ReadonlyMap<StrategyName | null, PreparedStrategy>> => {
  for (const owner of Object.keys(strategySet)) {
    if ((names as readonly string[]).includes(owner)) continue;
    const nearest = nearestName(owner, names);
    const hint =
      names.length === 0
        ? 'choose it with --strategy.'
        : nearest === undefined
          ? `there are ${names.join(', ')}.`
          : `did you mean "${nearest}"?`;
    throw new DraftError(
      'DRAFT_OPTION_UNKNOWN',
      `This evaluation has no strategy "${owner}" to set options of: ${hint}`,
    );
  }
  const prepared = new Map<StrategyName | null, PreparedStrategy>([
    [null, await prepareStrategy({ strategy: undefined, strategySet: {} }, rewards)],
  ]);
  for (const strategy of names) {
    prepared.set(
      strategy,
      await prepareStrategy({ strategy, strategySet: strategySet[strategy] ?? {} }, rewards),
    );
  }
  return prepared;
};

const choosePrompts = (
  { prompts, limit }: EvaluateConfig,
  sets: Readonly<Record<string, readonly string[]>>,
  cwd: string,
  log: (message: string) => void,
): readonly EvaluationPrompt[] => {
  const all = { ...shippedPromptSets, ...sets };
  if (prompts === undefined || prompts.length === 0) {
    throw new DraftError(
      'DRAFT_OPTION_MISSING',
      `There are no prompts to evaluate on: give --prompts with a set (${Object.keys(all).join(', ')}), a file, or a prompt.`,
    );
  }
  for (const item of [prompts].flat()) {
    const nearest = Object.hasOwn(all, item) ? undefined : nearestName(item, Object.keys(all));
    if (nearest !== undefined) log(`"${item}" is taken for a prompt; there is a set "${nearest}", too.`);
  }
  return readEvaluationPrompts(prompts, all, cwd, limit);
};

/**
 * Resolves and checks what `draft evaluate` was told; loads no weights and starts no tensor runtime.
 * @param commits Of the Hub's repositories that an evaluation was begun with.
 * @param recorded The prompts of an evaluation that is gone on with; they are not read again.
 */
export const prepareEvaluation = async (
  said: CommandLayers,
  cwd: string,
  progress: Progress,
  commits?: Readonly<Record<string, string>>,
  recorded?: readonly EvaluationPrompt[],
): Promise<PreparedEvaluation> => {
  const { found, settings } = await findModel(said, cwd, progress, commits);
  const { plugins } = found;
  // What suits the checkpoint when it draws pictures.
  const recommended = recommendedLayer(
    Object.fromEntries(
      Object.entries(settings.generate).filter(([name]) => Object.hasOwn(evaluateOptions, name)),
    ),
  );
  const config = resolveConfig(evaluateSchema, recorded ? said.layers : [...said.layers, recommended]);
  const prompts = recorded ?? choosePrompts(config, settings.prompts, cwd, progress.log);
  const choices = [config.lora].flat().map(parseLora);
  const scales = config.scales === undefined ? undefined : parseScales('--scales', config.scales);
  const variants = listVariants(choices, scales, config.strategy);
  const loras = choices.map((choice) => openLora(choice, cwd));
  const rewards = await readRewards(config.reward, config.rewardSet, plugins);
  const strategies = await prepareStrategies(config, rewards);
  const { perPrompt, batch, seed, show, pictures: keep } = config;
  return {
    ...(await prepareModel(found, config)),
    config,
    plan: { prompts, variants, perPrompt, batch, seed, show, keep },
    loras,
    rewards,
    strategies,
  };
};
