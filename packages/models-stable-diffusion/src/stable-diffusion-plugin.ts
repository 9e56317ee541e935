import { stat } from 'node:fs/promises';
import { DraftError, type ModelPlugin, openCheckpoint } from '@draft/core';
import { isKnownPipeline, pipelineClass, requirePipeline } from './checkpoint/model-index.js';
import { loadStableDiffusion } from './load-stable-diffusion.js';
import { identifyCheckpoint } from './single-file/identify-checkpoint.js';
import { type StableDiffusionOptions, stableDiffusionOptions } from './stable-diffusion-options.js';

/** Endings of files that hold weights. */
const weights = /\.(safetensors|ckpt|pt|pth|bin)$/i;

const isWeightsFile = async (path: string): Promise<boolean> =>
  weights.test(path) &&
  (await stat(path).then(
    (status) => status.isFile(),
    () => false,
  ));

/** What keeps a file of weights from being loaded; null where nothing that its names and shapes tell does. */
const problemOfFile = (path: string): DraftError | null => {
  try {
    const file = openCheckpoint(path);
    try {
      identifyCheckpoint(file.entries, path);
      return null;
    } finally {
      file.close();
    }
  } catch (error) {
    if (DraftError.is(error)) return error;
    throw error;
  }
};

/** Loads Stable Diffusion 1.x and SDXL from a folder in diffusers layout or from a single file. */
export const stableDiffusionPlugin: ModelPlugin<StableDiffusionOptions> = {
  specVersion: 1,
  kind: 'model',
  name: 'stable-diffusion',
  description:
    'Stable Diffusion 1.x, 2.x and XL from a folder in diffusers layout; 1.x and XL from a single file.',
  options: stableDiffusionOptions,
  savings: [
    { checkpointing: 'blocks' },
    { checkpointing: 'blocks', vaeTiles: 512 },
    { checkpointing: 'blocks', vaeTiles: 256 },
  ],
  async recognises(path) {
    if (await isWeightsFile(path)) return problemOfFile(path) === null;
    return isKnownPipeline(await pipelineClass(path));
  },
  async explains(path) {
    if (await isWeightsFile(path)) return problemOfFile(path);
    if ((await pipelineClass(path)) === null) return null;
    return requirePipeline(path).then(
      () => null,
      (error: unknown) => {
        if (DraftError.is(error)) return error;
        throw error;
      },
    );
  },
  load: loadStableDiffusion,
};
