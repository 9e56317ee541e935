import { z } from 'zod';
import { strategyNames } from '../strategies/strategy-names.js';
import { generateOptions } from './generate-options.js';
import { option } from './option.js';
import { pluginSettings, sharedOptions } from './shared-options.js';
import { trainOptions } from './train-options.js';

const groups = { compared: 'What is compared', prompts: 'Prompts', files: 'Files' } as const;

const count = z.int().min(1);

const {
  model,
  modelSet,
  sampler,
  samplerSet,
  steps,
  guidance,
  size,
  seed,
  dtype,
  backend,
  output,
  plugins,
  discover,
} = sharedOptions;

/** The formats in which tables of results can be written. */
export const tableFormats = ['csv', 'json', 'parquet'] as const;

/** Every option of `draft evaluate`, by its name in configs. */
export const evaluateOptions = {
  reward: trainOptions.reward,
  rewardSet: trainOptions.rewardSet,
  lora: option(z.union([z.string().min(1), z.array(z.string().min(1))]).default([]), {
    description: 'a LoRA that is compared with the base model, and how strongly it applies; repeatable',
    group: groups.compared,
    value: 'FILE[:SCALE]',
    form: 'list',
  }),
  scales: option(generateOptions.scaleSweep, {
    description:
      'scales of the LoRAs, times their own: 0,0.5,1 (default: 0,1; 0, the base, is always among them)',
    group: groups.compared,
    value: 'X,X,…',
    form: 'text',
  }),
  strategy: option(z.array(z.enum(strategyNames)).default([]), {
    description: `what else is compared, on the base model (repeatable): ${strategyNames.join(', ')}`,
    group: groups.compared,
    value: 'NAME',
    form: 'list',
  }),
  strategySet: option(z.record(z.string(), pluginSettings).default({}), {
    description: 'an option of a strategy (repeatable)',
    group: groups.compared,
    value: 'STRATEGY.KEY=VALUE',
  }),
  prompts: option(sharedOptions.prompts, {
    description:
      "a set (all-animals, unseen-animals, the checkpoint's own), a file (text, TSV, CSV, JSON), the folder of HPSv2's files, or a prompt; repeatable",
    group: groups.prompts,
    value: 'SET|FILE|FOLDER|TEXT',
    form: 'list',
  }),
  limit: option(count.optional(), {
    description: 'most prompts that are taken, evenly spread (default: all)',
    group: groups.prompts,
    value: 'N',
  }),
  perPrompt: option(count.default(4), {
    description: 'pictures of each prompt, with the same seeds for all that is compared',
    group: groups.prompts,
    value: 'N',
  }),
  embedding: option(z.string().min(1).default('pixels'), {
    description:
      'what diversity is measured in: pixels, or a CLIP checkpoint (hf:org/name, a folder or a file)',
    group: groups.prompts,
    value: 'NAME',
  }),
  model,
  modelSet,
  sampler,
  samplerSet,
  steps,
  guidance,
  size,
  batch: option(count.default(4), {
    description: 'pictures that are computed at once',
    group: 'Machine',
    value: 'N',
  }),
  seed,
  dtype,
  backend,
  output,
  format: option(z.array(z.enum(tableFormats)).min(1).default(['csv']), {
    description: `how results are written (repeatable): ${tableFormats.join(', ')}`,
    group: groups.files,
    value: 'FORMAT',
    form: 'list',
  }),
  pictures: option(z.enum(['all', 'shown']).default('all'), {
    description: 'which pictures are kept: all, or those that are shown',
    group: groups.files,
    value: 'WHICH',
  }),
  show: option(z.int().min(0).default(8), {
    description: 'prompts whose pictures are shown in grids, evenly spread',
    group: groups.files,
    value: 'N',
  }),
  plugins,
  discover,
};

/** Everything that `draft evaluate` is told, with defaults filled in. */
export const evaluateSchema = z.strictObject(evaluateOptions);

/** Everything that `draft evaluate` is told, with defaults filled in. */
export type EvaluateConfig = z.output<typeof evaluateSchema>;
