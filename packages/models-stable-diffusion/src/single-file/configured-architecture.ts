import { DraftError } from '@draft/core';
import { type CheckpointConfigs, readConfigs } from '../checkpoint/read-configs.js';
import type { SingleFileArchitecture } from './identify-checkpoint.js';

/** How a single file is built, which does not say so itself. */
export interface SingleFileConfigs {
  /** What gives the configurations, for messages: `published architecture of SDXL base`. */
  readonly origin: (architecture: SingleFileArchitecture) => string;
  readonly of: (architecture: SingleFileArchitecture) => CheckpointConfigs;
  /** Whether the file's name may tell that the model is a distilled one of the same shapes. */
  readonly named: boolean;
}

/**
 * The configurations of a folder in diffusers layout for a single file that is built otherwise than the published models.
 * @throws DraftError as `readConfigs`; `of` throws `DRAFT_MODEL_UNSUPPORTED` for a file of the other family.
 */
export async function readConfiguredArchitecture(folder: string): Promise<SingleFileConfigs> {
  const configs = await readConfigs(folder);
  return {
    origin: () => `configuration in ${folder}`,
    named: false,
    of(architecture) {
      const large = architecture === 'sdxl_base_v1-0';
      if (large !== (configs.second !== null)) {
        const [file, own] = large
          ? ['SDXL', 'one text encoder']
          : ['Stable Diffusion 1.x', 'two text encoders'];
        throw new DraftError(
          'DRAFT_MODEL_UNSUPPORTED',
          `The file is built like ${file}, but the configuration in ${folder} is for a model of ${own}.`,
        );
      }
      return configs;
    },
  };
}
