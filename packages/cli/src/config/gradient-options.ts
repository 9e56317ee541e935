import { z } from 'zod';
import { generateOptions } from './generate-options.js';
import { option } from './option.js';
import { trainOptions } from './train-options.js';

const { heldOut: _, ...chosen } = trainOptions;

/** What `gradients` and `diagnose` are told as `train` is: whatever decides a sample and its gradient. */
export const estimateOptions = {
  reward: chosen.reward,
  rewardSet: chosen.rewardSet,
  stopGradient: chosen.stopGradient,
  model: chosen.model,
  modelSet: chosen.modelSet,
  prompts: chosen.prompts,
  sampler: chosen.sampler,
  samplerSet: chosen.samplerSet,
  steps: chosen.steps,
  guidance: chosen.guidance,
  size: chosen.size,
  rank: chosen.rank,
  alpha: chosen.alpha,
  targets: chosen.targets,
  lora: option(z.string().min(1).optional(), {
    description: 'the LoRA whose gradient is taken, and how strongly it applies (default: a fresh one)',
    group: 'LoRA',
    value: 'FILE[:SCALE]',
  }),
  seed: chosen.seed,
  dtype: chosen.dtype,
  backend: chosen.backend,
  plugins: chosen.plugins,
  discover: chosen.discover,
  batch: generateOptions.batch,
  json: option(z.boolean().default(false), {
    description: 'print JSON instead of text; progress then goes to standard error',
    group: 'Files',
  }),
};

const { reward, rewardSet, ...others } = estimateOptions;

/** Every option of `draft gradients`, by its name in configs. */
export const gradientOptions = {
  reward,
  rewardSet,
  algorithm: chosen.algorithm,
  set: chosen.set,
  earlyStop: chosen.earlyStop,
  train: chosen.train,
  basePenalty: chosen.basePenalty,
  klPenalty: chosen.klPenalty,
  ...others,
  latents: generateOptions.latents,
  output: option(z.string().min(1).optional(), {
    description: 'file for the gradients and all that they were computed from (default: none)',
    group: 'Files',
    value: 'FILE.safetensors',
  }),
};

/** Everything that `draft gradients` is told, with defaults filled in. */
export const gradientSchema = z.strictObject(gradientOptions);

/** Everything that `draft gradients` is told, with defaults filled in. */
export type GradientConfig = z.output<typeof gradientSchema>;

const estimateSchema = z.strictObject(estimateOptions);

/** What `draft gradients` and `draft diagnose` have in common, with defaults filled in. */
export type EstimateConfig = z.output<typeof estimateSchema>;
