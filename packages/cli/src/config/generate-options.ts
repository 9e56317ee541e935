import { z } from 'zod';
import { strategyNames } from '../strategies/strategy-names.js';
import { option } from './option.js';
import { pluginSettings, sharedOptions } from './shared-options.js';

const groups = { pictures: 'Pictures', better: 'Better pictures without training', files: 'Files' } as const;

const scales = z.union([z.string(), z.number(), z.array(z.number())]);

/** Every option of `draft generate`, by its name in configs. */
export const generateOptions = {
  ...sharedOptions,
  lora: option(z.union([z.string().min(1), z.array(z.string().min(1))]).default([]), {
    description: 'a LoRA, and how strongly it applies (default 1); repeatable',
    group: groups.pictures,
    value: 'FILE[:SCALE]',
    form: 'list',
  }),
  loraSteps: option(z.union([z.string(), z.int()]).optional(), {
    description: 'sampling steps at which LoRAs apply, the first to run being 1 (default: all)',
    group: groups.pictures,
    value: 'FROM:TO',
    form: 'text',
  }),
  scaleSweep: option(scales.optional(), {
    description: 'draw every picture with the LoRAs at these scales, times their own: 0,0.5,1',
    group: groups.pictures,
    value: 'X,X,…',
    form: 'text',
  }),
  mixGrid: option(scales.optional(), {
    description: 'draw every picture with two LoRAs at each pair of these scales, times their own: 0,0.5,1',
    group: groups.pictures,
    value: 'X,X,…',
    form: 'text',
  }),
  latents: option(z.string().min(1).optional(), {
    description: 'initial noise from a safetensors file: latents [n, channels, height, width]',
    group: groups.pictures,
    value: 'FILE',
  }),
  perPrompt: option(z.int().min(1).default(1), {
    description: 'pictures a prompt, with seeds counted up',
    group: groups.pictures,
    value: 'N',
  }),
  batch: option(z.int().min(1).default(4), {
    description: 'pictures that are computed at once',
    group: groups.pictures,
    value: 'N',
  }),
  reward: option(z.union([z.string().min(1), z.array(z.string().min(1))]).default([]), {
    description: 'a reward that judges the pictures, and how much it counts (default 1); repeatable',
    group: groups.better,
    value: 'NAME[:WEIGHT]',
    form: 'list',
  }),
  rewardSet: option(z.record(z.string(), pluginSettings).default({}), {
    description: 'an option of a reward (repeatable)',
    group: groups.better,
    value: 'REWARD.KEY=VALUE',
  }),
  strategy: option(z.enum(strategyNames).optional(), {
    description: 'how to get pictures with a higher reward',
    group: groups.better,
    value: 'NAME',
  }),
  strategySet: option(pluginSettings.default({}), {
    description: 'an option of the strategy (repeatable)',
    group: groups.better,
    value: 'KEY=VALUE',
  }),
  saveTensors: option(z.boolean().default(false), {
    description: 'also write tensors.safetensors: latents and images, NCHW',
    group: groups.files,
  }),
};

/** Everything that `draft generate` is told, with defaults filled in. */
export const generateSchema = z.strictObject(generateOptions);

/** Everything that `draft generate` is told, with defaults filled in. */
export type GenerateConfig = z.output<typeof generateSchema>;
