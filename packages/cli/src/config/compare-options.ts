import { z } from 'zod';
import { option } from './option.js';
import { trainOptions } from './train-options.js';

const groups = { goal: 'Comparison', tuning: 'Learning rates' } as const;

// What each algorithm has for itself, what follows from the number of reward queries, and what would end a run early.
const {
  reward,
  rewardSet,
  algorithm: _algorithm,
  set: _set,
  stopGradient: _stopGradient,
  earlyStop: _earlyStop,
  iterations: _iterations,
  seed: _seed,
  sampleEvery: _sampleEvery,
  keep: _keep,
  watchReward: _watchReward,
  guard: _guard,
  guardSamples: _guardSamples,
  guardEmbedding: _guardEmbedding,
  tensorboard: _tensorboard,
  profile: _profile,
  ...shared
} = trainOptions;

const count = z.int().min(1);

const numbers = z.union([z.string().min(1), z.number(), z.array(z.number()).min(1)]);

/** Every option of `draft compare`, by its name in configs; most are those of `draft train`. */
export const compareOptions = {
  reward,
  rewardSet,
  algorithms: option(z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]), {
    description:
      'the algorithms, with options of their own and queries, batch, stopGradient, earlyStop, basePenalty, klPenalty: draft:k=1,refl,ddpo:batch=32; repeatable',
    group: groups.goal,
    value: 'NAME[:KEY=VALUE…],…',
    form: 'list',
  }),
  queries: option(count, {
    description: 'reward queries that each algorithm may spend: pictures that the reward judges in training',
    group: groups.goal,
    value: 'N',
  }),
  seeds: option(numbers.default('0'), {
    description: 'seeds that each algorithm runs with: 0,1,2',
    group: groups.goal,
    value: 'N,N,…',
    form: 'text',
  }),
  moments: option(count.default(8), {
    description: 'how often finished pictures are judged on the way, at equal ratios of reward queries',
    group: groups.goal,
    value: 'N',
  }),
  diversityPrompts: option(z.int().min(0).default(4), {
    description: 'training prompts whose pictures are compared with one another; 0 leaves diversity out',
    group: groups.goal,
    value: 'N',
  }),
  diversitySamples: option(z.int().min(2).default(4), {
    description: 'pictures of each of these prompts',
    group: groups.goal,
    value: 'N',
  }),
  embedding: option(z.string().min(1).default('pixels'), {
    description:
      'what pictures are compared in: pixels (thumbnails of 16 x 16), or a CLIP checkpoint (hf:org/name, folder, file)',
    group: groups.goal,
    value: 'pixels|CHECKPOINT',
  }),
  learningRateFor: option(
    z
      .union([z.string().min(1), z.array(z.string().min(1)), z.record(z.string(), z.number().positive())])
      .default([]),
    {
      description: 'learning rate of one algorithm, by its name or as it stands in --algorithms; repeatable',
      group: groups.tuning,
      value: 'ALGORITHM=X',
      form: 'list',
    },
  ),
  tune: option(numbers.optional(), {
    description: 'learning rates that are tried for each algorithm without one of its own: 1e-3,3e-3,1e-2',
    group: groups.tuning,
    value: 'X,X,…',
    form: 'text',
  }),
  tuneQueries: option(count.optional(), {
    description: 'reward queries of each trial (default: a quarter of --queries)',
    group: groups.tuning,
    value: 'N',
  }),
  tuneSeed: option(z.int().min(0).default(1000), {
    description: 'seed of the trials, none of --seeds',
    group: groups.tuning,
    value: 'N',
  }),
  ...shared,
};

/** Everything that `draft compare` is told, with the defaults that do not depend on the checkpoint. */
export const compareSchema = z.strictObject(compareOptions);

/** Everything that `draft compare` is told by itself, beside what it shares with `draft train`. */
export type CompareConfig = z.output<typeof compareSchema>;
