import { z } from 'zod';
import { option } from '../config/option.js';
import { sharedOptions } from '../config/shared-options.js';
import { trainOptions } from '../config/train-options.js';

const groups = { goal: 'Goal', pictures: 'Pictures', machine: 'Machine' } as const;

const files = z.array(z.string().min(1)).min(1);

/** Every option of `draft score`. */
export const scoreOptions = {
  reward: trainOptions.reward,
  rewardSet: trainOptions.rewardSet,
  images: option(files, {
    description: 'the pictures',
    group: groups.pictures,
    value: 'FILES',
    form: 'list',
  }),
  prompts: option(files.optional(), {
    description: 'one prompt for all, or one for each picture',
    group: groups.pictures,
    value: 'TEXTS',
    form: 'list',
  }),
  batch: option(z.int().min(1).default(4), {
    description: 'pictures of one size that are computed at once',
    group: groups.machine,
    value: 'N',
  }),
  seed: sharedOptions.seed,
  backend: sharedOptions.backend,
  dtype: sharedOptions.dtype,
  plugins: sharedOptions.plugins,
  discover: sharedOptions.discover,
  json: option(z.boolean().default(false), { description: 'print JSON', group: groups.goal }),
};

/** Everything that `draft score` is told, with defaults filled in. */
export const scoreSchema = z.strictObject(scoreOptions);

/** Everything that `draft score` is told, with defaults filled in. */
export type ScoreConfig = z.output<typeof scoreSchema>;
