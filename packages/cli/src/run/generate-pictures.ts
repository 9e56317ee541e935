import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import {
  combineAdapters,
  DraftError,
  disposeAdapters,
  disposeSampling,
  formatRewards,
  type Pixels,
  type SamplingWeights,
  type Tensor4D,
  type TensorToStore,
  tf,
  writeFileAtomically,
  writePng,
  writeSafetensors,
} from '@draft/core';
import { createProgress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { createRewards } from '../setup/create-rewards.js';
import { loadModel } from '../setup/load-model.js';
import { openRuntime } from '../setup/open-runtime.js';
import { type PreparedGeneration, prepareGeneration } from '../setup/prepare-generation.js';
import { samplingTable } from '../setup/sampling-table.js';
import { drawLatents } from './draw-latents.js';
import { createJudge } from './judge.js';
import { readLearntFiles } from './learnt-files.js';
import { createSamplingMixer } from './learnt-sampling.js';
import { makeFolder, refuseFile } from './make-folder.js';
import {
  type AdaptersOfSteps,
  createPictureMaker,
  picturesOf,
  type SamplingOfSteps,
} from './picture-maker.js';
import { readLatents } from './read-latents.js';
import { timeStamp } from './run-folder.js';
import { sizeWarnings } from './size-warning.js';
import { type StrengthenedAdapters, strengthenAdapters } from './strengthen-adapters.js';

/** Where the pictures go; earlier pictures in it are replaced, but a training run is not mixed with them. */
const chooseOutput = (output: string | undefined, cwd: string): string => {
  const path = resolve(cwd, output ?? join('runs', `${timeStamp(new Date())}-pictures`));
  if (existsSync(join(path, 'metrics.jsonl'))) {
    throw new DraftError('DRAFT_OUTPUT_TAKEN', `${output} holds a training run: choose another --output.`);
  }
  refuseFile(path);
  return path;
};

/** What was learnt at each step; it is off outside the steps that were asked for. */
const inSteps = (
  { adapters, off }: StrengthenedAdapters,
  sampling: SamplingWeights | undefined,
  { loraSteps, config }: PreparedGeneration,
): { readonly adapters: AdaptersOfSteps; readonly sampling: SamplingOfSteps } => {
  if (loraSteps === undefined) return { adapters, sampling };
  const { from, to } = loraSteps;
  // Steps run from t = T, which is the first, down to 1.
  const applies = (t: number) => config.steps - t + 1 >= from && config.steps - t + 1 <= to;
  return {
    adapters: (t) => (applies(t) ? adapters : off()),
    sampling: sampling && ((t) => (applies(t) ? sampling : undefined)),
  };
};

/** A tensor `[n, h, w, c]` as stored in NCHW. */
const inNchw = (tensor: Tensor4D): TensorToStore =>
  tf.tidy(() => {
    const turned = tf.transpose(tensor, [0, 3, 1, 2]);
    return { shape: turned.shape, data: turned.dataSync() as Float32Array };
  });

/** What is kept about a picture that was judged, or drawn by a strategy. */
interface PictureFacts {
  readonly file: string;
  /** The weighted sum. */
  readonly reward?: number;
  readonly [fact: string]: unknown;
}

/**
 * Runs `draft generate`: `0000.png` … and `grid.png`, and with `saveTensors` `tensors.safetensors`.
 * @param typed What the flags gave, by the names of the options.
 */
export const generatePictures = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<void> => {
  const progress = createProgress(process.stdout, Date.now);
  const prepared = await prepareGeneration(typed, cwd, progress);
  const { config, plugins, prompts, variations } = prepared;
  const output = chooseOutput(config.output, cwd);
  const batch = Math.min(config.batch, prompts.length);
  const runtime = await openRuntime({ ...config, batch }, progress);
  const rewards = await createRewards(prepared.rewards, {
    runtime,
    log: progress.log,
    hub: prepared.hub.options,
  });
  prepared.strategy.check(rewards);
  const { model, description, height, width } = await loadModel(
    prepared.place,
    prepared.size,
    prepared.architecture,
    runtime,
    progress,
  );
  const files = prepared.loras.map(({ file }) => ({ name: file, path: resolve(cwd, file) }));
  for (const warning of sizeWarnings(files, { height, width })) progress.log(warning);
  const learnt = readLearntFiles(prepared.loras, model.layers, cwd, progress.log);
  const loras = learnt.map(({ adapters }) => adapters);
  const mixer = await createSamplingMixer(learnt, model, config.guidance);
  const shape = model.latentShape(height, width);
  const noise =
    config.latents === undefined
      ? drawLatents(config.seed, prompts.length, shape)
      : readLatents(resolve(cwd, config.latents), shape, prompts.length);
  const table = samplingTable(prepared.sampler, config, model, progress.log);
  const chain = { runtime, model, table, guidance: config.guidance, adapters: combineAdapters(...loras) };
  const maker = createPictureMaker({ ...chain, height, width });
  const judge = rewards.length === 0 ? undefined : createJudge(runtime, rewards);
  const drawing = prepared.strategy.create({ chain, maker, judge, rewards, count: prompts.length });
  // Of each prompt one after the other all variations.
  const pictures: Pixels[] = [];
  const facts: PictureFacts[] = [];
  const all: { readonly latents: Tensor4D; readonly images: Tensor4D }[] = [];
  const total = prompts.length * variations.list.length;
  let done = 0;
  try {
    for (const [variation, { strengths }] of variations.list.entries()) {
      const current = strengthenAdapters(loras, strengths);
      const sampling = mixer.at(strengths);
      try {
        for (let from = 0; from < prompts.length; from += config.batch) {
          await turn();
          const part = prompts.slice(from, from + config.batch);
          const subjects = part.map((prompt, i) => ({ prompt, seed: config.seed + from + i }));
          const own = tf.slice(noise, from, part.length);
          const made = await drawing.draw({
            noise: own,
            subjects,
            ...inSteps(current, sampling, prepared),
            progress: (share) =>
              progress.activity(`drawing ${total} pictures`, (done + share * part.length) / total),
          });
          own.dispose();
          done += part.length;
          const drawn = await picturesOf(made.images);
          makeFolder(output);
          for (const [i, picture] of drawn.entries()) {
            const place = (from + i) * variations.list.length + variation;
            const file = `${String(place).padStart(4, '0')}.png`;
            writePng(join(output, file), picture);
            pictures[place] = picture;
            facts[place] = { file, ...subjects[i], ...made.judgements[i], ...made.notes[i] };
            if (config.saveTensors) {
              all[place] = { latents: tf.slice(made.latents, i, 1), images: tf.slice(made.images, i, 1) };
            }
          }
          tf.dispose([made.images, made.latents]);
        }
      } finally {
        current.dispose();
        disposeSampling(sampling);
      }
    }
    const values = judge ? facts.map(({ reward }) => reward ?? Number.NaN) : [];
    const notes = formatRewards(values).map((value) => `reward ${value}`);
    for (const [name, grid] of variations.compose(prompts, pictures, notes)) {
      writePng(join(output, name), grid);
    }
    if (config.saveTensors) {
      const latents = tf.concat(all.map((made) => made.latents));
      const images = tf.concat(all.map((made) => made.images));
      writeSafetensors(join(output, 'tensors.safetensors'), {
        latents: inNchw(latents),
        images: inNchw(images),
      });
      tf.dispose([latents, images]);
    }
    const recorded = {
      options: config,
      prompts,
      ...(variations.list.length > 1 ? { variations: variations.list } : {}),
      ...(judge || config.strategy ? { pictures: facts } : {}),
      model: { description, path: prepared.place.path },
      checkpoints: prepared.hub.commits(),
      versions: {
        runtime: `${runtime.version} (${runtime.backend}, ${runtime.device})`,
        ...plugins.versions(),
      },
      pluginPaths: plugins.paths(),
    };
    writeFileAtomically(join(output, 'config.json'), `${JSON.stringify(recorded, null, 2)}\n`);
    progress.finish();
    const inside = relative(cwd, output);
    progress.log(`pictures: ${inside.startsWith('..') ? output : inside || '.'}`);
  } finally {
    progress.finish();
    for (const made of all) if (made) tf.dispose([made.latents, made.images]);
    noise.dispose();
    drawing.dispose();
    maker.dispose();
    judge?.dispose();
    for (const { reward } of rewards) reward.dispose();
    for (const adapters of loras) disposeAdapters(adapters);
    model.dispose();
  }
};
