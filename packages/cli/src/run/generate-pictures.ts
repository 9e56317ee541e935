import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import {
  type Adapters,
  combineAdapters,
  composeGrid,
  DraftError,
  disposeAdapters,
  type Pixels,
  readLora,
  scaleAdapters,
  type Tensor4D,
  type TensorToStore,
  tf,
  writeFileAtomically,
  writePng,
  writeSafetensors,
} from '@draft/core';
import { createProgress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { loadModel } from '../setup/load-model.js';
import { openRuntime } from '../setup/open-runtime.js';
import { type PreparedGeneration, prepareGeneration } from '../setup/prepare-generation.js';
import { drawLatents } from './draw-latents.js';
import { makeFolder, refuseFile } from './make-folder.js';
import { createPictureMaker, picturesOf } from './picture-maker.js';
import { readLatents } from './read-latents.js';
import { timeStamp } from './run-folder.js';

/** Where the pictures go; earlier pictures in it are replaced, but a training run is not mixed with them. */
const chooseOutput = (output: string | undefined, cwd: string): string => {
  const path = resolve(cwd, output ?? join('runs', `${timeStamp(new Date())}-pictures`));
  if (existsSync(join(path, 'metrics.jsonl'))) {
    throw new DraftError('DRAFT_OUTPUT_TAKEN', `${output} holds a training run: choose another --output.`);
  }
  refuseFile(path);
  return path;
};

const readAdapters = (
  { loras }: PreparedGeneration,
  layers: Parameters<typeof readLora>[1],
  cwd: string,
): Adapters =>
  combineAdapters(
    ...loras.map(({ file, strength }) => scaleAdapters(readLora(resolve(cwd, file), layers), strength)),
  );

/** A tensor `[n, h, w, c]` as stored in NCHW. */
const inNchw = (tensor: Tensor4D): TensorToStore =>
  tf.tidy(() => {
    const turned = tf.transpose(tensor, [0, 3, 1, 2]);
    return { shape: turned.shape, data: turned.dataSync() as Float32Array };
  });

const grid = (prompts: readonly string[], pictures: readonly Pixels[]): Pixels => {
  const columns = Math.min(8, Math.ceil(Math.sqrt(pictures.length)));
  const rows = Array.from({ length: Math.ceil(pictures.length / columns) }, (_, row) => ({
    pictures: pictures.slice(row * columns, (row + 1) * columns),
    captions: prompts.slice(row * columns, (row + 1) * columns),
  }));
  return composeGrid(rows);
};

/**
 * Runs `draft generate`: `0000.png` … and `grid.png`, and with `saveTensors` `tensors.safetensors`.
 * @param typed What the flags gave, by the names of the options.
 */
export const generatePictures = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<void> => {
  const progress = createProgress(process.stdout, Date.now);
  const prepared = await prepareGeneration(typed, cwd, progress.log);
  const { config, plugins, prompts } = prepared;
  const output = chooseOutput(config.output, cwd);
  const runtime = await openRuntime(config.backend, config.dtype, progress);
  const { model, description, height, width } = await loadModel(
    prepared.place,
    prepared.size,
    prepared.architecture,
    runtime,
    progress,
  );
  const adapters = readAdapters(prepared, model.layers, cwd);
  const shape = model.latentShape(height, width);
  const noise =
    config.latents === undefined
      ? drawLatents(config.seed, prompts.length, shape)
      : readLatents(resolve(cwd, config.latents), shape, prompts.length);
  const sampler = prepared.sampler.plugin.create(prepared.sampler.options as never);
  const table = sampler.table(config.steps, model.schedule);
  const maker = createPictureMaker({
    runtime,
    model,
    table,
    guidance: config.guidance,
    height,
    width,
    adapters,
  });
  const all: { readonly latents: Tensor4D; readonly images: Tensor4D }[] = [];
  const pictures: Pixels[] = [];
  try {
    for (let from = 0; from < prompts.length; from += config.batch) {
      await turn();
      const part = prompts.slice(from, from + config.batch);
      const subjects = part.map((prompt, i) => ({ prompt, seed: config.seed + from + i }));
      const own = tf.slice(noise, from, part.length);
      const made = await maker.makeFrom(own, subjects, adapters, (share) =>
        progress.activity(
          `drawing ${prompts.length} pictures`,
          (from + share * part.length) / prompts.length,
        ),
      );
      own.dispose();
      const drawn = await picturesOf(made.images);
      makeFolder(output);
      for (const picture of drawn) {
        writePng(join(output, `${String(pictures.length).padStart(4, '0')}.png`), picture);
        pictures.push(picture);
      }
      if (config.saveTensors) all.push(made);
      else tf.dispose([made.images, made.latents]);
    }
    writePng(join(output, 'grid.png'), grid(prompts, pictures));
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
      model: { description, path: prepared.place.path },
      versions: {
        runtime: `${runtime.version} (${runtime.backend}, ${runtime.device})`,
        ...plugins.versions(),
      },
    };
    writeFileAtomically(join(output, 'config.json'), `${JSON.stringify(recorded, null, 2)}\n`);
    progress.finish();
    const inside = relative(cwd, output);
    progress.log(`pictures: ${inside.startsWith('..') ? output : inside || '.'}`);
  } finally {
    progress.finish();
    for (const { latents, images } of all) tf.dispose([latents, images]);
    noise.dispose();
    maker.dispose();
    disposeAdapters(adapters);
    model.dispose();
  }
};
