import { join } from 'node:path';
import { openWeightFolder } from '@draft/core';
import type { CheckpointParts, ComponentName } from './checkpoint-parts.js';
import { readConfigs } from './read-configs.js';

/** What the files of each component's weights are called, without variant and ending. */
const stems: Readonly<Record<ComponentName, string>> = {
  unet: 'diffusion_pytorch_model',
  vae: 'diffusion_pytorch_model',
  text_encoder: 'model',
  text_encoder_2: 'model',
};

/**
 * Opens a model in diffusers layout.
 * @throws DraftError as `readConfigs` and, when a component is opened, as `openWeightFolder`.
 */
export const openFolder = async (path: string): Promise<CheckpointParts> => ({
  configs: await readConfigs(path),
  open: (component) => openWeightFolder(join(path, component), stems[component]),
});
