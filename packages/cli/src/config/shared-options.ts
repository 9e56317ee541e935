import { z } from 'zod';
import { option } from './option.js';

const groups = { model: 'Model and sampling', machine: 'Machine', files: 'Files' } as const;

/** Options that set one by one the options of a plugin. */
export const pluginSettings = z.record(z.string(), z.unknown());

const textOrList = z.union([z.string(), z.array(z.string())]);

/** The options that `train` and `generate` share. */
export const sharedOptions = {
  model: option(z.string().min(1).default('miniature'), {
    description:
      'a folder in diffusers layout, the name of an installed checkpoint, or hf:org/name[@revision]',
    group: groups.model,
    value: 'NAME|FOLDER|hf:ORG/NAME',
  }),
  prompts: option(textOrList.optional(), {
    description: 'a prompt (repeatable), a text file of them, or a named set of the checkpoint',
    group: groups.model,
    value: 'TEXT|FILE|SET',
    form: 'list',
  }),
  modelSet: option(pluginSettings.default({}), {
    description: 'an option of the model (repeatable): draft describe model NAME',
    group: groups.model,
    value: 'KEY=VALUE',
  }),
  sampler: option(z.string().min(1).default('ddim'), {
    description: 'the sampler',
    group: groups.model,
    value: 'NAME',
  }),
  samplerSet: option(pluginSettings.default({}), {
    description: 'an option of the sampler (repeatable)',
    group: groups.model,
    value: 'KEY=VALUE',
  }),
  steps: option(z.int().min(1).max(1000).default(50), {
    description: 'sampling steps',
    group: groups.model,
    value: 'N',
  }),
  guidance: option(z.number().min(0).default(7.5), {
    description: 'classifier-free guidance; 1 is none',
    group: groups.model,
    value: 'X',
  }),
  size: option(
    z
      .union([z.int().min(8), z.string().regex(/^\d+(x\d+)?$/, 'expected HEIGHTxWIDTH or one number')])
      .optional(),
    {
      description: "picture size in pixels (default: the checkpoint's own)",
      group: groups.model,
      value: 'HxW|N',
      form: 'text',
    },
  ),
  seed: option(z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0), {
    description: 'of every random number',
    group: groups.machine,
    value: 'N',
  }),
  dtype: option(z.enum(['float32', 'bfloat16']).default('float32'), {
    description: 'how frozen weights are kept, and on a GPU multiplied',
    group: groups.machine,
    value: 'TYPE',
  }),
  backend: option(z.enum(['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu']).default('auto'), {
    description: 'what computes (also: environment variable DRAFT_BACKEND)',
    group: groups.machine,
    value: 'NAME',
  }),
  output: option(z.string().min(1).optional(), {
    description: 'folder to write (default: a new one in runs/)',
    group: groups.files,
    value: 'FOLDER',
  }),
  plugins: option(z.array(z.string().min(1)).default([]), {
    description:
      'a package, its folder, or a module, to look for plugins in besides the installed ones (repeatable)',
    group: groups.files,
    value: 'PACKAGE|PATH',
  }),
  discover: option(z.boolean().default(true), {
    description: 'look for plugins only there, and among those that came with the command line',
    group: groups.files,
  }),
};
