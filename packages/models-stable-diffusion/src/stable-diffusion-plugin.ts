import { stat } from 'node:fs/promises';
import type { ModelPlugin } from '@draft/core';
import { pipelineClass } from './checkpoint/model-index.js';
import { loadStableDiffusion } from './load-stable-diffusion.js';
import { type StableDiffusionOptions, stableDiffusionOptions } from './stable-diffusion-options.js';

/** Endings of files that hold weights. */
const weights = /\.(safetensors|ckpt|pt|pth|bin)$/i;

const isWeightsFile = async (path: string): Promise<boolean> =>
  weights.test(path) &&
  (await stat(path).then(
    (status) => status.isFile(),
    () => false,
  ));

/** Loads Stable Diffusion 1.x and SDXL from a folder in diffusers layout or from a single file. */
export const stableDiffusionPlugin: ModelPlugin<StableDiffusionOptions> = {
  specVersion: 1,
  kind: 'model',
  name: 'stable-diffusion',
  description:
    'Stable Diffusion 1.x, 2.x and XL from a folder in diffusers layout; 1.x and XL from a single file.',
  options: stableDiffusionOptions,
  // What cannot be loaded is recognised too, be it a pipeline of the family or any file of weights: loading says why.
  async recognises(path) {
    if (await isWeightsFile(path)) return true;
    const name = await pipelineClass(path);
    return name !== null && /^(StableDiffusion|LatentConsistency)/.test(name);
  },
  load: loadStableDiffusion,
};
