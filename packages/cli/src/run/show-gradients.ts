import { resolve } from 'node:path';
import { createRandomSource, formatRewards, type Plan, requireTrainableParts } from '@draft/core';
import { type GradientConfig, gradientOptions, gradientSchema } from '../config/gradient-options.js';
import { parseTrain } from '../config/parse-train.js';
import { createProgress } from '../progress/progress.js';
import type { ConfiguredPlugin } from '../setup/plugin-access.js';
import { type PreparedEstimate, prepareEstimate } from '../setup/prepare-estimate.js';
import { requirePlans } from '../setup/require-plans.js';
import { claimFile } from './claim-file.js';
import { drawLatents } from './draw-latents.js';
import { type GradientBench, openGradientBench } from './gradient-bench.js';
import { gradientReport, storedName, writeGradientFile } from './gradient-file.js';
import type { MeasuredGradient } from './measure-gradient.js';
import { readLatents } from './read-latents.js';
import { norm } from './vector-norm.js';

const reportOf = (
  algorithm: ConfiguredPlugin<'algorithm'>,
  { config, sampler, prompts, lora, rewards: chosen }: PreparedEstimate<GradientConfig>,
  { description, table, rewards, adapters, runtime }: GradientBench,
  plan: Plan,
  { gradients, scores, latentGradient }: MeasuredGradient,
) => {
  const perSample = prompts.map((_, i) =>
    rewards.reduce((sum, { name, weight }) => sum + weight * (scores[name]?.[i] ?? Number.NaN), 0),
  );
  const { eta } = sampler.options;
  const scales = [...adapters].map(([layer, list]) => [layer, list[0]?.scale ?? 1] as const);
  return {
    plan,
    algorithm: { name: algorithm.plugin.name, options: algorithm.options },
    model: description,
    prompts,
    guidance: config.guidance,
    train: parseTrain(config.train),
    basePenalty: config.basePenalty,
    klPenalty: config.klPenalty,
    // Only DDIM's noise can be turned up and down.
    eta: typeof eta === 'number' ? eta : null,
    sampler: {
      name: sampler.plugin.name,
      options: sampler.options,
      timesteps: table.steps.map(({ timestep }) => timestep),
      addsNoise: table.steps.some(({ c }) => c !== 0),
    },
    rewards: perSample,
    reward: perSample.reduce((sum, value) => sum + value, 0) / perSample.length,
    scores,
    objective: chosen.map(({ name, weight, options }) => ({ name, weight, options })),
    norms: {
      gradient: norm(Object.values(gradients).map(({ data }) => data)),
      latents: norm([latentGradient.data]),
      tensors: Object.fromEntries(
        Object.entries(gradients).map(([name, { data }]) => [storedName(name), norm([data])]),
      ),
    },
    lora: {
      file: lora?.file ?? null,
      strength: lora?.strength ?? 1,
      // `α / r`, times the strength: the same for all layers of a LoRA of one rank.
      scale:
        new Set(scales.map(([, scale]) => scale)).size === 1 ? scales[0]?.[1] : Object.fromEntries(scales),
    },
    seed: config.seed,
    dtype: config.dtype,
    runtime: `${runtime.version} (${runtime.backend}, ${runtime.device})`,
  };
};

const inWords = ({ steps, train, stop, detachInput, cutState, copies }: Plan): string =>
  [
    `trains step ${train.join(', ')} of ${steps}`,
    stop > 0 ? `stops at ${stop}` : 'runs to the end',
    detachInput ? "the network's input is detached" : "the network's input is live",
    cutState === null ? 'the state is never detached' : `the state is detached before step ${cutState}`,
    ...(copies > 0 ? [`${copies} noisy ${copies === 1 ? 'copy' : 'copies'}`] : []),
  ].join('; ');

const textOf = ({ plan, prompts, rewards, reward, norms }: ReturnType<typeof reportOf>): string => {
  const largest = Object.entries(norms.tensors)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5);
  const shown = formatRewards(rewards);
  return [
    `plan: ${inWords(plan)}`,
    ...prompts.map((prompt, i) => `reward ${shown[i]}  ${prompt}`),
    `mean reward ${formatRewards([reward])[0]}`,
    `gradient norm ${norms.gradient.toExponential(4)}`,
    'largest of its tensors:',
    ...largest.map(([name, value]) => `  ${value.toExponential(4)}  ${name}`),
    '',
  ].join('\n');
};

/**
 * Runs `draft gradients`: one estimate of the gradient of the mean reward, and no update.
 * @param typed What the flags gave, by the names of the options.
 */
export const showGradients = async (typed: Readonly<Record<string, unknown>>, cwd: string): Promise<void> => {
  const progress = createProgress(typed.json === true ? process.stderr : process.stdout, Date.now);
  const command = { options: gradientOptions, schema: gradientSchema };
  const prepared = await prepareEstimate<GradientConfig>(command, typed, cwd, progress);
  const { config, plugins, prompts } = prepared;
  const { steps, seed } = config;
  const algorithm = await plugins.configure('algorithm', config.algorithm, config.set);
  const policy = requirePlans(algorithm, config);
  const { basePenalty, klPenalty, guidance } = config;
  const train = parseTrain(config.train);
  requireTrainableParts(train, {
    algorithm: policy,
    name: `The algorithm ${algorithm.plugin.name}`,
    guidance,
  });
  const output = config.output === undefined ? undefined : resolve(cwd, config.output);
  if (output !== undefined) claimFile(output);
  // The plan of the first iteration of a training run with this seed.
  const random = createRandomSource(seed, 'train').child('plan', 0);
  const plan = policy.plan({ steps, random, iteration: 0 });
  const bench = await openGradientBench(prepared, cwd, progress, { train, basePenalty, klPenalty });
  try {
    const initial =
      config.latents === undefined
        ? drawLatents(seed, prompts.length, bench.shape)
        : readLatents(resolve(cwd, config.latents), bench.shape, prompts.length);
    const measured = await bench.estimate({ plan, prompts, initial, key: [] }, (share) =>
      progress.activity(`estimating from ${prompts.length} samples`, share),
    );
    initial.dispose();
    progress.finish();
    const report = reportOf(algorithm, prepared, bench, plan, measured);
    if (output !== undefined) {
      const { model, adapters, fresh, sampling } = bench;
      const start = fresh ? adapters : undefined;
      writeGradientFile(output, { measured, model, start, sampling, report });
    }
    if (config.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else process.stdout.write(textOf(report));
    if (output !== undefined)
      progress.log(`gradients: ${config.output}, ${gradientReport(config.output ?? '')}`);
  } finally {
    progress.finish();
    bench.dispose();
  }
};
