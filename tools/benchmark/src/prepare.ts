import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type AdaptableLayer,
  createRandomSource,
  createRuntime,
  selectLoraLayers,
  writeSafetensors,
} from '@draft/core';
import { loadStableDiffusion } from '@draft/model-stable-diffusion';
import { isClip, type Size, type SizeName, sizes, type Task } from './cases.js';
import type { Setup } from './setup.js';

const miniature = fileURLToPath(new URL('../../../packages/miniature/model', import.meta.url));
const maker = fileURLToPath(new URL('../torch/make_model.py', import.meta.url));

/** The checkpoint of a case; random ones are written once. */
const modelFolder = (
  kind: 'miniature' | 'sd15' | 'clip-l' | 'clip-h',
  cache: string,
  python: string,
): string => {
  if (kind === 'miniature') return miniature;
  const folder = join(cache, kind);
  if (!existsSync(folder)) {
    try {
      execFileSync(python, [maker, kind, folder, '--tokenizer', join(miniature, 'tokenizer')], {
        stdio: 'inherit',
      });
    } catch {
      throw new Error(
        `${python} could not make the checkpoint ${kind}: give a --python that has torch/requirements.txt installed.`,
      );
    }
  }
  return folder;
};

const normal = (name: string, count: number) => createRandomSource(0, 'benchmark').child(name).normal(count);

/** A LoRA of attention layers whose two factors are random. */
const writeLoraOf = (file: string, layers: readonly AdaptableLayer[], rank: number): void => {
  const adapted = selectLoraLayers(layers, ['attention']);
  writeSafetensors(
    file,
    Object.fromEntries(
      adapted.flatMap(({ name, inFeatures, outFeatures }) => [
        [
          `unet.${name}.lora_A.weight`,
          { shape: [rank, inFeatures], data: normal(`${name} down`, rank * inFeatures).map((x) => x / rank) },
        ],
        [
          `unet.${name}.lora_B.weight`,
          { shape: [outFeatures, rank], data: normal(`${name} up`, outFeatures * rank).map((x) => x * 0.02) },
        ],
      ]),
    ),
  );
};

const intoRange = (x: number) => Math.min(1, Math.max(0, 0.5 + x / 4));

/** Writes the LoRA of a checkpoint, and gives the initial noise that fits it. */
const describeLatents = async (model: string, lora: string, size: Size) => {
  const runtime = await createRuntime({ computeType: 'bfloat16', backend: 'tensorflow' });
  const loaded = await loadStableDiffusion(model, { runtime });
  writeLoraOf(lora, loaded.layers, size.rank);
  const [height, width, channels] = loaded.latentShape(size.pixels, size.pixels);
  loaded.dispose();
  const shape = [size.batch, channels, height, width];
  return {
    latents: {
      shape,
      data: normal(
        'latents',
        shape.reduce((product, side) => product * side),
      ),
    },
  };
};

/** Makes everything that a case reads. @returns The file that describes it. */
export const prepareCase = async (
  task: Task,
  name: SizeName,
  cache: string,
  python: string,
): Promise<string> => {
  const size: Size = sizes[name];
  mkdirSync(cache, { recursive: true });
  const kind = isClip(task) ? task : size.model;
  const model = modelFolder(kind, cache, python);
  const stem = join(cache, `${kind}-${size.pixels}-${size.batch}`);
  const inputs = `${stem}.inputs.safetensors`;
  const lora = `${stem}.lora.safetensors`;
  if (!existsSync(inputs) || (!isClip(task) && !existsSync(lora))) {
    const noise = isClip(task) ? {} : await describeLatents(model, lora, size);
    const images = normal('images', size.batch * 3 * size.pixels ** 2).map(intoRange);
    writeSafetensors(inputs, {
      ...noise,
      images: { shape: [size.batch, 3, size.pixels, size.pixels], data: images },
    });
  }
  const setup: Setup = {
    ...{ model, inputs, lora },
    prompts: Array.from({ length: size.batch }, () => 'cat'),
    pixels: size.pixels,
    steps: size.steps,
    guidance: size.guidance,
    train: task === 'drtune' ? size.train : [1],
    detach: task === 'drtune',
    learningRate: 1e-4,
  };
  const file = `${stem}-${task}.json`;
  writeFileSync(file, JSON.stringify(setup));
  return file;
};
