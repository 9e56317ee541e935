import {
  type AnyReward,
  combineAdapters,
  DraftError,
  disposeAdapters,
  disposeSampling,
  type Tensor4D,
  tf,
  type WeightedReward,
} from '@draft/core';
import type { Progress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { drawLatents } from '../run/draw-latents.js';
import { createJudge } from '../run/judge.js';
import { readLearntFiles } from '../run/learnt-files.js';
import { createSamplingMixer } from '../run/learnt-sampling.js';
import { openPictureEmbedding } from '../run/picture-embedding.js';
import { createPictureMaker, picturesOf } from '../run/picture-maker.js';
import { sizeWarnings } from '../run/size-warning.js';
import { strengthenAdapters } from '../run/strengthen-adapters.js';
import { createRewards } from '../setup/create-rewards.js';
import { loadModel } from '../setup/load-model.js';
import { openRuntime } from '../setup/open-runtime.js';
import { samplingTable } from '../setup/sampling-table.js';
import type { Drawing } from '../strategies/strategy.js';
import type { StrategyName } from '../strategies/strategy-names.js';
import type { DrawnPicture, EvaluationBench } from './evaluation-bench.js';
import type { PreparedEvaluation } from './prepare-evaluation.js';

/** A bench, and what is recorded about it. */
export interface OpenedBench {
  readonly bench: EvaluationBench;
  /** The model in one line. */
  readonly description: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Where the modules of its plugins lie. */
  readonly pluginPaths: Readonly<Record<string, string>>;
}

const checkRewards = (
  { strategies }: PreparedEvaluation,
  rewards: readonly WeightedReward<AnyReward>[],
): void => {
  for (const { name, reward } of rewards) {
    if (reward.perSample) continue;
    throw new DraftError(
      'DRAFT_EVALUATION_REWARD',
      `The reward ${name} judges pictures by one another, so a picture has no score of its own: leave it out; diversity is measured for each prompt in any case.`,
    );
  }
  for (const strategy of strategies.values()) strategy.check(rewards);
};

/** Starts the runtime, loads model, rewards and LoRAs. */
export const openEvaluationBench = async (
  prepared: PreparedEvaluation,
  cwd: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<OpenedBench> => {
  const { config, plan, plugins, hub } = prepared;
  const runtime = await openRuntime(config, progress, signal);
  // From here on, whatever fails frees what is there.
  const opened: (() => void)[] = [];
  const dispose = (): void => {
    for (const free of opened.splice(0).reverse()) free();
  };
  try {
    const context = { runtime, log: progress.log, hub: hub.options };
    const rewards = await createRewards(prepared.rewards, context);
    opened.push(() => {
      for (const { reward } of rewards) reward.dispose();
    });
    checkRewards(prepared, rewards);
    const { place, size, architecture } = prepared;
    const { model, description, height, width } = await loadModel(
      place,
      size,
      architecture,
      runtime,
      progress,
    );
    opened.push(model.dispose);
    const files = prepared.loras.map(({ file, path }) => ({ name: file, path }));
    for (const warning of sizeWarnings(files, { height, width })) progress.log(warning);
    const learnt = readLearntFiles(prepared.loras, model.layers, cwd, progress.log);
    const loras = learnt.map(({ adapters }) => adapters);
    opened.push(() => {
      for (const adapters of loras) disposeAdapters(adapters);
    });
    const mixer = await createSamplingMixer(learnt, model, config.guidance);
    const embedding = await openPictureEmbedding(config.embedding, context);
    opened.push(embedding.dispose);
    const table = samplingTable(prepared.sampler, config, model, progress.log);
    const chain = { runtime, model, table, guidance: config.guidance, adapters: combineAdapters(...loras) };
    const maker = createPictureMaker({ ...chain, height, width });
    opened.push(maker.dispose);
    const judge = createJudge(runtime, rewards);
    opened.push(judge.dispose);
    const drawings = new Map<StrategyName | null, Drawing>();
    const count = plan.prompts.length * plan.perPrompt;
    for (const [name, strategy] of prepared.strategies) {
      const drawing = strategy.create({ chain, maker, judge, rewards, count });
      drawings.set(name, drawing);
      opened.push(drawing.dispose);
    }
    const shape = model.latentShape(height, width);

    const bench: EvaluationBench = {
      async draw({ variant, pictures }, report) {
        const current = strengthenAdapters(loras, variant.strengths);
        const sampling = mixer.at(variant.strengths);
        const result: DrawnPicture[] = [];
        try {
          for (let from = 0; from < pictures.length; from += plan.batch) {
            await turn();
            const subjects = pictures.slice(from, from + plan.batch);
            // Each picture has the noise of its own seed, whatever is drawn beside it.
            const noise = tf.tidy(
              () => tf.concat(subjects.map(({ seed }) => drawLatents(seed, 1, shape))) as Tensor4D,
            );
            const made = await (drawings.get(variant.strategy) as Drawing).draw({
              noise,
              subjects: subjects.map(({ prompt, seed }) => ({ prompt, seed })),
              adapters: current.adapters,
              sampling,
              progress: (share) => report((from + share * subjects.length) / pictures.length),
            });
            noise.dispose();
            const pixels = await picturesOf(made.images);
            const embeddings = await embedding.embed(made.images);
            tf.dispose([made.images, made.latents]);
            subjects.forEach((_, i) => {
              const [judgement, own, vector] = [made.judgements[i], pixels[i], embeddings[i]];
              if (!judgement || !own || !vector) return;
              result.push({ ...judgement, pixels: own, embedding: vector, notes: made.notes[i] ?? {} });
            });
          }
        } finally {
          current.dispose();
          disposeSampling(sampling);
        }
        return result;
      },
      dispose,
    };
    return {
      bench,
      description,
      versions: {
        runtime: `${runtime.version} (${runtime.backend}, ${runtime.device}, ${runtime.computeType})`,
        ...plugins.versions(),
      },
      pluginPaths: plugins.paths(),
    };
  } catch (error) {
    dispose();
    throw error;
  }
};
