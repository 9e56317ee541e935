import { resolve } from 'node:path';
import {
  type Adapters,
  createLora,
  createRandomSource,
  createSamplingWeights,
  createTrainer,
  type DiffusionModel,
  type Runtime,
  type SamplingNumbers,
  selectLoraLayers,
  startProfile,
  tf,
  withPixelShift,
  withRewardDropout,
} from '@draft/core';
import { runningCore } from '@draft/core/plugins';
import { createPictureInspector } from '../guard/picture-inspector.js';
import type { Progress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import type { JudgedPicture } from '../run/evaluation.js';
import { createJudge } from '../run/judge.js';
import { readLearntFiles } from '../run/learnt-files.js';
import { openPictureEmbedding } from '../run/picture-embedding.js';
import { createPictureMaker, picturesOf } from '../run/picture-maker.js';
import { saveLora } from '../run/save-lora.js';
import { sizeWarnings } from '../run/size-warning.js';
import type { Workbench } from '../run/workbench.js';
import { createAlgorithm } from './create-algorithm.js';
import { createRewards } from './create-rewards.js';
import { loadModel } from './load-model.js';
import { openRuntime } from './open-runtime.js';
import type { PreparedTraining } from './prepare-training.js';
import { samplingTable } from './sampling-table.js';

/** A workbench, and what is recorded about it. */
export interface OpenedWorkbench {
  readonly workbench: Workbench;
  /** The model in one line. */
  readonly description: string;
  /** Of the pictures, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
  readonly versions: Readonly<Record<string, string>>;
  /** Where the modules of its plugins lie. */
  readonly pluginPaths: Readonly<Record<string, string>>;
}

/** The LoRA that a run begins with, which may be none, and what was learnt before of what guides sampling. */
const startAdapters = (
  { config, train }: PreparedTraining,
  { layers }: DiffusionModel,
  cwd: string,
  log: (message: string) => void,
): { readonly adapters: Adapters; readonly learnt: SamplingNumbers | undefined } => {
  const files = config.lora === undefined ? [] : [{ file: config.lora }];
  const [first] = readLearntFiles(files, layers, cwd, log);
  const fresh = () =>
    createLora(selectLoraLayers(layers, [config.targets].flat()), {
      rank: config.rank,
      alpha: config.alpha,
      random: createRandomSource(config.seed, 'adapters'),
    });
  const own = first && first.adapters.size > 0 ? first.adapters : undefined;
  return { adapters: own ?? (train.includes('lora') ? fresh() : new Map()), learnt: first?.sampling };
};

/**
 * Starts the runtime, loads the model, makes rewards, LoRA and trainer.
 * @param opened A runtime that has been started. @default one that the configuration asks for
 */
export const openWorkbench = async (
  prepared: PreparedTraining,
  cwd: string,
  progress: Progress,
  signal: AbortSignal,
  opened?: Runtime,
): Promise<OpenedWorkbench> => {
  const { config, plugins } = prepared;
  const runtime = opened ?? (await openRuntime(config, progress, signal));
  const { model, description, height, width } = await loadModel(
    prepared.place,
    prepared.size,
    prepared.architecture,
    runtime,
    progress,
  );
  const context = { runtime, log: progress.log, hub: { ...prepared.hub.options, signal } };
  const rewards = await createRewards(prepared.rewards, context);
  const watched = await createRewards(prepared.watched, context);
  const { train } = prepared;
  const begun = config.lora === undefined ? [] : [{ name: config.lora, path: resolve(cwd, config.lora) }];
  for (const warning of sizeWarnings(begun, { height, width })) progress.log(warning);
  const { adapters, learnt } = startAdapters(prepared, model, cwd, progress.log);
  const table = samplingTable(prepared.sampler, config, model, progress.log);
  const { guidance } = config;
  const sampling = await createSamplingWeights({ model, table, guidance }, train, learnt);
  const base = { runtime, model, table, guidance, height, width, adapters };
  const chunk = config.microBatch ?? config.batch;
  const trainer = createTrainer({
    ...base,
    sampling: sampling.guidance || sampling.negative ? sampling : undefined,
    train,
    algorithm: createAlgorithm(prepared.algorithm, config),
    // Judged without shift and dropout, before and after.
    rewards: rewards.map((item) => ({
      ...item,
      reward: withRewardDropout(withPixelShift(item.reward, config.pixelShift), config.rewardDropout),
    })),
    normaliseRewards: config.normaliseRewards,
    basePenalty: config.basePenalty,
    klPenalty: config.klPenalty,
    keptSteps: config.keepSteps ?? 0,
    loraDropout: config.loraDropout,
    ema: config.ema,
    prompts: prepared.prompts,
    batch: config.batch,
    microBatch: chunk,
    accumulate: config.accumulate,
    learningRate: {
      base: config.learningRate,
      schedule: config.schedule,
      iterations: config.iterations,
      warmup: config.warmup,
    },
    weightDecay: config.weightDecay,
    clip: config.clip,
    seed: config.seed,
  });
  const maker = createPictureMaker(base);
  const judge = createJudge(runtime, rewards, watched);
  const inspector =
    config.guard === 'off'
      ? undefined
      : createPictureInspector(runtime, rewards, await openPictureEmbedding(config.guardEmbedding, context));
  /** What pictures are made with. */
  const shown = () => ({
    adapters: trainer.averaged() ?? trainer.adapters(),
    sampling: trainer.averagedSampling() ?? trainer.sampling(),
  });

  const workbench: Workbench = {
    averages: config.ema > 0,
    adapts: adapters.size > 0,
    async judge(subjects, how) {
      const judged: JudgedPicture[] = [];
      for (let from = 0; from < subjects.length; from += chunk) {
        await turn();
        const part = subjects.slice(from, from + chunk);
        const now = shown();
        const { images, latents } = await maker.make(part, now.adapters, undefined, now.sampling);
        const judgements = await judge.score(images, part);
        const closer = how?.closely ? await inspector?.inspect(images, part) : undefined;
        const pictures = await picturesOf(images);
        tf.dispose([images, latents]);
        part.forEach((subject, i) => {
          const judgement = judgements[i];
          const picture = pictures[i];
          if (judgement && picture) judged.push({ ...subject, ...judgement, ...closer?.[i], picture });
        });
      }
      return judged;
    },
    async iterate() {
      const { plan: _, ...line } = await trainer.iterate();
      const curve = train.includes('guidance') ? trainer.sampling()?.guidance : undefined;
      return curve ? { ...line, guidance: Array.from(await curve.weights.data()) } : line;
    },
    state: async () => ({ ...trainer.state(), state: null }),
    restore: (content) => trainer.restore(content),
    writeLora: (path, average) =>
      saveLora(
        path,
        average ? shown() : { adapters: trainer.adapters(), sampling: trainer.sampling() },
        model,
        { height, width },
      ),
    startProfile: () => startProfile(runtime),
    residentBytes: () => runtime.memory().residentBytes,
    dispose() {
      maker.dispose();
      judge.dispose();
      inspector?.dispose();
      trainer.dispose();
      for (const { reward } of [...rewards, ...watched]) reward.dispose();
      model.dispose();
    },
  };
  return {
    workbench,
    description,
    size: { height, width },
    versions: {
      '@draft/core': runningCore().version,
      runtime: `${runtime.version} (${runtime.backend}, ${runtime.device}, ${runtime.computeType})`,
      ...plugins.versions(),
    },
    pluginPaths: plugins.paths(),
  };
};
