import { join } from 'node:path';
import { DraftError, type NoiseSchedule } from '@draft/core';
import { loadTokenizer, parseTextConfig, type TextConfig, type Tokenizer } from '@draft/model-clip';
import { parseNoiseSchedule } from '../schedule/noise-schedule.js';
import { parseUnetConfig, type UnetConfig } from '../unet/unet-config.js';
import { parseVaeConfig, type VaeConfig } from '../vae/vae-config.js';
import { readJson } from './read-json.js';

/** Everything about a checkpoint but its weights. */
export interface CheckpointConfigs {
  readonly text: TextConfig;
  readonly tokenizer: Tokenizer;
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  readonly schedule: NoiseSchedule;
}

/** Refuses components that do not fit each other, or do another task. */
function requireFit(path: string, { text, tokenizer, unet, vae }: CheckpointConfigs): void {
  const refuse = (message: string): never => {
    throw new DraftError('DRAFT_MODEL_UNSUPPORTED', `${path} has a ${message}.`);
  };
  const { inChannels, outChannels } = unet;
  const { latentChannels } = vae;
  if (inChannels === 2 * latentChannels + 1) {
    refuse(
      `unet with ${inChannels} input channels, for inpainting, but only text-to-image models can be loaded`,
    );
  }
  if (inChannels !== latentChannels || outChannels !== latentChannels) {
    refuse(
      `unet from ${inChannels} to ${outChannels} channels, but its vae's latents have ${latentChannels}`,
    );
  }
  if (vae.imageChannels !== 3) {
    refuse(`vae for images of ${vae.imageChannels} channels, but only RGB images can be made`);
  }
  const other = unet.crossAttentionWidth.find((width) => width !== text.width);
  if (other !== undefined) {
    refuse(`unet for text states of width ${other}, but its text encoder's have ${text.width}`);
  }
  if (tokenizer.vocabularySize > text.vocabularySize) {
    refuse(
      `tokenizer of ${tokenizer.vocabularySize} tokens, but its text encoder knows only ${text.vocabularySize}`,
    );
  }
}

/**
 * Reads all configurations of a folder in diffusers layout, and the tokenizer.
 * @throws DraftError where one is missing, invalid or unsupported, or does not fit the others.
 */
export async function readConfigs(path: string): Promise<CheckpointConfigs> {
  const read = (component: string) => readJson(join(path, component, 'config.json'));
  const text = parseTextConfig(await read('text_encoder'));
  const configs: CheckpointConfigs = {
    text,
    tokenizer: await loadTokenizer(join(path, 'tokenizer'), { length: text.positions }),
    unet: parseUnetConfig(await read('unet')),
    vae: parseVaeConfig(await read('vae')),
    schedule: parseNoiseSchedule(await readJson(join(path, 'scheduler', 'scheduler_config.json'))),
  };
  requireFit(path, configs);
  return configs;
}
