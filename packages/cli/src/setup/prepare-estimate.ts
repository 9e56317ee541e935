import { requireRewardGradient } from '@draft/core/plugins';
import { readLayers } from '../config/command-layers.js';
import type { Options } from '../config/config-layer.js';
import type { EstimateConfig } from '../config/gradient-options.js';
import { type LoraChoice, parseLora } from '../config/parse-lora.js';
import { resolveConfig } from '../config/resolve-config.js';
import type { Progress } from '../progress/progress.js';
import { findModel, type PreparedModel, prepareModel, recommendedLayer } from './prepare-model.js';
import { readPrompts } from './read-prompts.js';
import { type ConfiguredReward, readRewards } from './read-rewards.js';
import { requireFiles } from './require-files.js';
import { requirePrompts } from './require-prompts.js';

/** Everything about an estimate that can be known, and be wrong, before anything heavy starts. */
export interface PreparedEstimate<Config extends EstimateConfig = EstimateConfig> extends PreparedModel {
  readonly config: Config;
  readonly prompts: readonly string[];
  readonly rewards: readonly ConfiguredReward[];
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
  const said = await readLayers(options, typed, cwd);
  const { found, settings } = await findModel(said, cwd, progress);
  const { plugins } = found;
  // Of what suits training, only what decides a sample and which layers are adapted; how many samples is said here, and
  // what is added to the reward.
  const decisive = Object.entries(settings.train).filter(([name]) =>
    ['size', 'steps', 'guidance', 'modelSet', 'sampler', 'samplerSet', 'targets', 'rank', 'alpha'].includes(
      name,
    ),
  );
  const recommended = recommendedLayer(Object.fromEntries(decisive));
  const config = resolveConfig(schema, [...said.layers, recommended]) as unknown as Config;
  const prompts = readPrompts(requirePrompts(config.prompts, 'sample'), settings.prompts, cwd);
  const rewards = await readRewards(config.reward, config.rewardSet, plugins);
  for (const { name, plugin } of rewards) requireRewardGradient(name, plugin.differentiable !== false);
  const lora = config.lora === undefined ? undefined : parseLora(config.lora);
  requireFiles([lora?.file, Reflect.get(config, 'latents') as string | undefined], cwd);
  return { ...(await prepareModel(found, config)), config, prompts, rewards, lora };
};
