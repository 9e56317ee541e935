import { z } from 'zod';
import { option } from './option.js';
import { usualIterations } from './parse-profile.js';
import { pluginSettings, sharedOptions } from './shared-options.js';

const groups = {
  goal: 'Goal',
  training: 'Training',
  adapter: 'LoRA',
  watching: 'Watching',
  files: 'Files',
} as const;

const count = z.int().min(1);

const { model, modelSet, prompts, sampler, samplerSet, steps, guidance, size, ...machine } = sharedOptions;

/** Every option of `draft train`, by its name in configs: what it may be, its default, and how it looks as a flag. */
export const trainOptions = {
  reward: option(z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]), {
    description:
      'a reward, and how much it counts (default 1; negative turns it round); OWN=NAME calls it by a name of your own; repeatable',
    group: groups.goal,
    value: 'NAME[:WEIGHT]',
    form: 'list',
  }),
  rewardSet: option(z.record(z.string(), pluginSettings).default({}), {
    description: 'an option of a reward (repeatable)',
    group: groups.goal,
    value: 'REWARD.KEY=VALUE',
  }),
  normaliseRewards: option(z.boolean().default(false), {
    description: "divide each reward's weight by the running norm of its gradient",
    group: groups.goal,
  }),
  rewardDropout: option(z.number().min(0).lt(1).default(0), {
    description: 'probability with which a picture is not judged by a reward in training',
    group: groups.goal,
    value: 'P',
  }),
  pixelShift: option(z.int().min(0).default(0), {
    description: 'largest random shift of a picture before a reward sees it in training, in pixels',
    group: groups.goal,
    value: 'N',
  }),
  algorithm: option(z.string().min(1).default('drtune'), {
    description: 'which sampling steps learn, and how',
    group: groups.goal,
    value: 'NAME',
  }),
  set: option(pluginSettings.default({}), {
    description: 'an option of the algorithm (repeatable)',
    group: groups.goal,
    value: 'KEY=VALUE',
  }),
  basePenalty: option(z.number().min(0).default(0), {
    description: "how strongly trained steps are held to the base model's noise; 0 is not at all",
    group: groups.training,
    value: 'X',
  }),
  klPenalty: option(z.number().min(0).default(0), {
    description:
      "how strongly trained steps are held to the base model's, by their divergence; 0 is not at all",
    group: groups.training,
    value: 'X',
  }),
  stopGradient: option(z.boolean().default(false), {
    description: 'detach the network from the sampling state before it, whatever the algorithm',
    group: groups.goal,
  }),
  earlyStop: option(z.int().min(0).default(0), {
    description: 'end sampling at a step drawn from 1..M, whatever the algorithm; 0 leaves that to it',
    group: groups.goal,
    value: 'M',
  }),
  model,
  modelSet,
  prompts,
  heldOut: option(prompts.unwrap().optional(), {
    description: 'prompts that are judged before and after, but never trained on',
    group: 'Model and sampling',
    value: 'TEXT|FILE|SET',
    form: 'list',
  }),
  sampler,
  samplerSet,
  steps,
  guidance,
  size,
  train: option(z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('lora'), {
    description:
      'what learns: lora, guidance (a weight for each step), negative (unconditional text states); repeatable',
    group: groups.training,
    value: 'PART',
    form: 'list',
  }),
  iterations: option(count.default(100), {
    description: 'updates of the LoRA',
    group: groups.training,
    value: 'N',
  }),
  batch: option(count.default(4), { description: 'pictures an update', group: groups.training, value: 'N' }),
  microBatch: option(count.optional(), {
    description: 'pictures that are computed at once (default: all of the batch)',
    group: groups.training,
    value: 'N',
  }),
  keepSteps: option(z.int().min(0).optional(), {
    description:
      'steps that keep what they computed for the gradient, instead of computing it again (default: as many as memory allows)',
    group: groups.training,
    value: 'N',
  }),
  accumulate: option(count.default(1), {
    description: 'batches whose gradients are averaged into one update',
    group: groups.training,
    value: 'N',
  }),
  learningRate: option(z.number().positive().default(4e-4), {
    description: 'of AdamW',
    group: groups.training,
    value: 'X',
  }),
  schedule: option(z.enum(['constant', 'linear', 'cosine', 'sqrt']).default('constant'), {
    description: 'how the learning rate falls: constant, linear, cosine, sqrt',
    group: groups.training,
    value: 'NAME',
  }),
  warmup: option(z.int().min(0).default(0), {
    description: 'iterations over which the learning rate first rises',
    group: groups.training,
    value: 'N',
  }),
  weightDecay: option(z.number().min(0).default(0.1), {
    description: 'of AdamW',
    group: groups.training,
    value: 'X',
  }),
  clip: option(z.number().min(0).default(1), {
    description: 'largest norm of the gradient; 0 does not clip',
    group: groups.training,
    value: 'X',
  }),
  ema: option(z.number().min(0).lt(1).default(0), {
    description: 'decay of a moving average of the LoRA, which is then what is shown; 0 keeps none',
    group: groups.adapter,
    value: 'DECAY',
  }),
  loraDropout: option(z.number().min(0).lt(1).default(0), {
    description: 'probability with which an input feature of a layer is kept from the LoRA',
    group: groups.adapter,
    value: 'P',
  }),
  rank: option(count.default(8), { description: 'rank of the LoRA', group: groups.adapter, value: 'N' }),
  alpha: option(z.number().positive().optional(), {
    description: 'scale of the LoRA is alpha / rank (default: the rank)',
    group: groups.adapter,
    value: 'X',
  }),
  targets: option(z.union([z.string().min(1), z.array(z.string().min(1))]).default('attention'), {
    description:
      'layers it adapts: attention, self-attention, cross-attention, feed-forward, all-linear, or a pattern; repeatable',
    group: groups.adapter,
    value: 'SET|PATTERN',
    form: 'list',
  }),
  lora: option(z.string().min(1).optional(), {
    description: 'start from this LoRA instead of from none',
    group: groups.adapter,
    value: 'FILE',
  }),
  watchReward: option(z.union([z.string().min(1), z.array(z.string().min(1))]).default([]), {
    description: 'a reward that is watched but not trained on; repeatable; with :-1 lower is better',
    group: groups.watching,
    value: 'NAME[:-1]',
    form: 'list',
  }),
  guard: option(z.enum(['off', 'warn', 'stop']).default('warn'), {
    description: 'what is done about a reward that is being cheated: off, warn, stop',
    group: groups.watching,
    value: 'WHAT',
  }),
  guardSamples: option(z.int().min(2).default(4), {
    description: 'pictures of a prompt by which the guard measures their diversity',
    group: groups.watching,
    value: 'N',
  }),
  guardEmbedding: option(z.string().min(1).default('pixels'), {
    description: 'what that is measured in: pixels, or a CLIP checkpoint',
    group: groups.watching,
    value: 'pixels|PLACE',
  }),
  tensorboard: option(z.boolean().default(false), {
    description: 'also write what TensorBoard reads',
    group: groups.watching,
  }),
  profile: option(
    z
      .union([
        z.boolean(),
        z.int().min(1),
        z.string().regex(/^[1-9]\d*(:[1-9]\d*)?$/, 'expected FROM:TO or one number, counted from 1'),
      ])
      .default(false),
    {
      description: `write profile.json, with every op of these iterations (${usualIterations} where none are given)`,
      group: groups.watching,
      value: 'FROM:TO|N',
      form: 'detailed-switch',
    },
  ),
  ...machine,
  memory: option(z.string().min(1).optional(), {
    description:
      'most memory that the run may take, such as 12GB; off: whatever it takes (default: what is free)',
    group: 'Machine',
    value: 'SIZE|off',
  }),
  evaluate: option(count.default(8), {
    description: 'pictures that are judged before and after training, of each set of prompts',
    group: groups.files,
    value: 'N',
  }),
  sampleEvery: option(z.int().min(0).default(10), {
    description: 'iterations between sample pictures; 0 makes none',
    group: groups.files,
    value: 'N',
  }),
  checkpointEvery: option(z.int().min(0).default(10), {
    description: 'iterations between checkpoints; 0 writes only the last',
    group: groups.files,
    value: 'N',
  }),
  keep: option(count.default(2), {
    description: 'checkpoints that are kept',
    group: groups.files,
    value: 'N',
  }),
};

/** Everything that a training run is told, with defaults filled in. */
export const trainSchema = z.strictObject(trainOptions);

/** Everything that a training run is told, with defaults filled in. */
export type TrainConfig = z.output<typeof trainSchema>;
