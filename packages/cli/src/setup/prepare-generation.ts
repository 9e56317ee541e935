import { DraftError } from '@draft/core/plugins';
import { readLayers } from '../config/command-layers.js';
import { type GenerateConfig, generateOptions, generateSchema } from '../config/generate-options.js';
import { type LoraChoice, parseLora } from '../config/parse-lora.js';
import { type LoraSteps, parseLoraSteps } from '../config/parse-lora-steps.js';
import { parseScales } from '../config/parse-scales.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Progress } from '../progress/progress.js';
import { type LoraVariations, loraVariations } from '../run/lora-variations.js';
import { findModel, type PreparedModel, prepareModel, recommendedLayer } from './prepare-model.js';
import { type PreparedStrategy, prepareStrategy } from './prepare-strategy.js';
import { readPrompts } from './read-prompts.js';
import { type ConfiguredReward, readRewards } from './read-rewards.js';
import { requireFiles } from './require-files.js';
import { requirePrompts } from './require-prompts.js';

/** Everything about making pictures that can be known, and be wrong, before anything heavy starts. */
export interface PreparedGeneration extends PreparedModel {
  readonly config: GenerateConfig;
  /** One a picture. */
  readonly prompts: readonly string[];
  readonly loras: readonly LoraChoice[];
  readonly variations: LoraVariations;
  /** Undefined: all steps. */
  readonly loraSteps: LoraSteps | undefined;
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
  const said = await readLayers(generateOptions, typed, cwd);
  const { found, settings } = await findModel(said, cwd, progress);
  const { plugins } = found;
  const config = resolveConfig(generateSchema, [...said.layers, recommendedLayer(settings.generate)]);
  const texts = readPrompts(requirePrompts(config.prompts, 'draw'), settings.prompts, cwd);
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
  requireFiles([...loras.map(({ file }) => file), config.latents], cwd);
  if (config.reward.length === 0 && Object.keys(config.rewardSet).length > 0) {
    throw new DraftError('DRAFT_OPTION_INVALID', '--reward-set needs a reward: give one with --reward.');
  }
  const rewards = await readRewards(config.reward, config.rewardSet, plugins);
  const strategy = await prepareStrategy(config, rewards);
  return {
    ...(await prepareModel(found, config)),
    config,
    prompts,
    loras,
    variations,
    loraSteps,
    rewards,
    strategy,
  };
};
