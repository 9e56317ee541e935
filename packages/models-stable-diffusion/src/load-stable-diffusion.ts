import { stat } from 'node:fs/promises';
import { DraftError, type NetworkSpec, type OpenNetwork, openNetwork, type PluginContext } from '@draft/core';
import { createTextTower } from '@draft/model-clip';
import type { CheckpointParts, ComponentName } from './checkpoint/checkpoint-parts.js';
import { openFolder } from './checkpoint/open-folder.js';
import type { CheckpointConfigs } from './checkpoint/read-configs.js';
import { createDoubleEncoder, createProjectedTower } from './conditioning/double-encoder.js';
import { createSingleEncoder } from './conditioning/single-encoder.js';
import { readConfiguredArchitecture } from './single-file/configured-architecture.js';
import { openSingleFile } from './single-file/open-single-file.js';
import { createStableDiffusion, type StableDiffusion } from './stable-diffusion.js';
import type { StableDiffusionOptions } from './stable-diffusion-options.js';
import { createUnet } from './unet/unet.js';
import { createVae } from './vae/vae.js';

function describe({ schedule, second, unet, text }: CheckpointConfigs, parameters: number): string {
  const millions = Number((parameters / 1e6).toPrecision(3));
  const family = second
    ? 'Stable Diffusion XL'
    : text.width === 1024
      ? 'Stable Diffusion 2.x'
      : 'Stable Diffusion';
  const kind = unet.guidanceWidth === null ? family : `${family}, distilled (latent consistency)`;
  const output = schedule.predictionType === 'epsilon' ? 'noise' : 'velocity';
  return `${kind}, predicts ${output}, UNet of ${millions} M parameters`;
}

/** Loads the networks of an opened checkpoint; it closes whatever it opens. */
export async function loadParts(
  { configs, expectation, open }: CheckpointParts,
  { runtime }: Pick<PluginContext, 'runtime'>,
  progress: (share: number) => void = () => {},
  options?: StableDiffusionOptions,
): Promise<StableDiffusion> {
  const opened: { dispose(): void }[] = [];
  const dispose = () => {
    for (const component of opened) component.dispose();
  };
  const prepare = <Network>(
    component: ComponentName,
    build: NetworkSpec<Network>['build'],
  ): OpenNetwork<Network> => {
    const name = component.replaceAll('_', ' ');
    const spec = { name, build, ...(expectation === undefined ? {} : { expectation }) };
    const network = openNetwork(open(component), spec, runtime);
    opened.push(network);
    return network;
  };
  const { text: config, tokenizer, second } = configs;
  try {
    const text = prepare('text_encoder', (weights) => createTextTower(config, weights));
    const text2 =
      second && prepare('text_encoder_2', (weights) => createProjectedTower(second.text, weights));
    const vae = prepare('vae', (weights) => createVae(configs.vae, weights));
    const unet = prepare('unet', (weights) => createUnet(configs.unet, weights));
    const total = text.bytes + (text2?.bytes ?? 0) + vae.bytes + unet.bytes;
    let done = 0;
    const onRead = (bytes: number) => {
      done += bytes;
      progress(done / total);
    };
    const tower = await text.load(onRead);
    const encoder =
      second && text2
        ? createDoubleEncoder(
            { tower, tokenizer },
            { projected: await text2.load(onRead), tokenizer: second.tokenizer },
          )
        : createSingleEncoder(tower, tokenizer);
    return createStableDiffusion({
      description: describe(configs, unet.parameters),
      runtime,
      configs,
      encoder,
      vae: await vae.load(onRead),
      unet: await unet.load(onRead),
      dispose,
      ...(options ? { options } : {}),
    });
  } catch (cause) {
    dispose();
    throw cause;
  }
}

/** Opens whatever stands at a path. */
async function openParts(path: string, config: string | undefined): Promise<CheckpointParts> {
  const status = await stat(path).catch(() => null);
  if (status?.isFile()) {
    return openSingleFile(path, config === undefined ? undefined : await readConfiguredArchitecture(config));
  }
  if (status !== null && config !== undefined) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `The option config says how a single file is built, but ${path} is a folder, which says so itself: leave it out.`,
    );
  }
  return openFolder(path);
}

/**
 * Loads Stable Diffusion 1.x or 2.x or SDXL from a folder in diffusers layout, or 1.x or SDXL from a single file.
 * Everything is checked before the first weight is read, and then one tensor is read at a time.
 * @param progress Called with the share of bytes that have been read, `0..1`.
 * @throws DraftError with one sentence about what is missing, damaged or unsupported.
 */
export async function loadStableDiffusion(
  path: string,
  context: Pick<PluginContext, 'runtime'>,
  progress?: (share: number) => void,
  options?: StableDiffusionOptions,
): Promise<StableDiffusion> {
  return loadParts(await openParts(path, options?.config), context, progress, options);
}
