import type { ModelPlugin } from '@draft/core';
import { pipelineClass } from './checkpoint/model-index.js';
import { loadStableDiffusion } from './load-stable-diffusion.js';

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Loads Stable Diffusion 1.x from a folder in diffusers layout. */
export const stableDiffusionPlugin: ModelPlugin = {
  specVersion: 1,
  kind: 'model',
  name: 'stable-diffusion',
  description: 'Stable Diffusion 1.x from a folder in diffusers layout.',
  options: {
    '~standard': {
      version: 1,
      vendor: 'draft',
      validate: (value) =>
        isEmpty(value)
          ? { value: {} }
          : {
              issues: [
                { message: `The model stable-diffusion has no options, but got ${JSON.stringify(value)}.` },
              ],
            },
    },
  },
  // Pipelines of the family that cannot be loaded are recognised too: loading them says why.
  recognises: async (path) => (await pipelineClass(path))?.startsWith('StableDiffusion') ?? false,
  load: loadStableDiffusion,
};
