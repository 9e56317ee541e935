import { join } from 'node:path';
import { DraftError, type NoiseSchedule, readJson } from '@draft/core';
import { loadTokenizer, parseTextConfig, type TextConfig, type Tokenizer } from '@draft/model-clip';
import { parseNoiseSchedule } from '../schedule/noise-schedule.js';
import { parseUnetConfig, type UnetConfig } from '../unet/unet-config.js';
import { parseVaeConfig, type VaeConfig } from '../vae/vae-config.js';
import { requirePipeline } from './model-index.js';

/** A text encoder and the tokenizer that it reads prompts through. */
export interface TextEncoderConfigs {
  readonly text: TextConfig;
  readonly tokenizer: Tokenizer;
}

/** Everything about a checkpoint but its weights. */
export interface CheckpointConfigs extends TextEncoderConfigs {
  /** SDXL's second text encoder, whose pooled state the unet reads too; null in all others. */
  readonly second: TextEncoderConfigs | null;
  /** Whether zeros stand for the empty prompt, and not what the text encoders make of it. */
  readonly zeroEmptyPrompt: boolean;
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  readonly schedule: NoiseSchedule;
}

/** Refuses components that do not fit each other, or do another task. */
function requireFit(path: string, { text, tokenizer, second, unet, vae }: CheckpointConfigs): void {
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
  const width = text.width + (second?.text.width ?? 0);
  const other = unet.crossAttentionWidth.find((needed) => needed !== width);
  if (other !== undefined) {
    refuse(
      second
        ? `unet for text states of width ${other}, but its two text encoders' have ${width} together`
        : `unet for text states of width ${other}, but its text encoder's have ${width}`,
    );
  }
  const pooled = unet.addedEmbedding?.pooledWidth;
  if (pooled !== undefined && pooled !== second?.text.projectionWidth) {
    refuse(
      second
        ? `unet for pooled text of width ${pooled}, but its second text encoder's has ${second.text.projectionWidth}`
        : `unet that needs a second text encoder, which it has not`,
    );
  }
  for (const { tokenizer: own, text: tower } of second
    ? [{ text, tokenizer }, second]
    : [{ text, tokenizer }]) {
    if (own.vocabularySize > tower.vocabularySize) {
      refuse(
        `tokenizer of ${own.vocabularySize} tokens, but its text encoder knows only ${tower.vocabularySize}`,
      );
    }
  }
  if (second && second.tokenizer.length !== tokenizer.length) {
    refuse(`tokenizer for ${tokenizer.length} tokens and one for ${second.tokenizer.length}`);
  }
}

/**
 * Reads all configurations of a folder in diffusers layout, and the tokenizer.
 * @throws DraftError where one is missing, invalid or unsupported, or does not fit the others.
 */
export async function readConfigs(path: string): Promise<CheckpointConfigs> {
  const read = (component: string) => readJson(join(path, component, 'config.json'));
  const readText = async (suffix: '' | '_2'): Promise<TextEncoderConfigs> => {
    const text = parseTextConfig(await read(`text_encoder${suffix}`));
    const tokenizer = await loadTokenizer(join(path, `tokenizer${suffix}`), { length: text.positions });
    return { text, tokenizer };
  };
  const { family, zeroEmptyPrompt } = await requirePipeline(path);
  const configs: CheckpointConfigs = {
    ...(await readText('')),
    second: family === 'sdxl' ? await readText('_2') : null,
    zeroEmptyPrompt,
    unet: parseUnetConfig(await read('unet')),
    vae: parseVaeConfig(await read('vae')),
    schedule: parseNoiseSchedule(await readJson(join(path, 'scheduler', 'scheduler_config.json'))),
  };
  requireFit(path, configs);
  return configs;
}
