import { join } from 'node:path';
import type { OpenNetwork, PluginContext } from '@draft/core';
import { createTextTower } from '@draft/model-clip';
import { type ComponentSpec, openComponent } from './checkpoint/load-component.js';
import { requirePipeline } from './checkpoint/model-index.js';
import { type CheckpointConfigs, readConfigs } from './checkpoint/read-configs.js';
import { createStableDiffusion, type StableDiffusion } from './stable-diffusion.js';
import { createUnet } from './unet/unet.js';
import { createVae } from './vae/vae.js';

function describe({ schedule }: CheckpointConfigs, parameters: number): string {
  const millions = Number((parameters / 1e6).toPrecision(3));
  const output = schedule.predictionType === 'epsilon' ? 'noise' : 'velocity';
  return `Stable Diffusion, predicts ${output}, UNet of ${millions} M parameters`;
}

/**
 * Loads a Stable Diffusion 1.x checkpoint from a folder in diffusers layout. Everything is checked before the
 * first weight is read, and then one tensor is read at a time.
 * @param progress Called with the share of bytes that have been read, `0..1`.
 * @throws DraftError with one sentence about what is missing, damaged or unsupported.
 */
export async function loadStableDiffusion(
  path: string,
  { runtime }: Pick<PluginContext, 'runtime'>,
  progress: (share: number) => void = () => {},
): Promise<StableDiffusion> {
  await requirePipeline(path);
  const configs = await readConfigs(path);
  const opened: { dispose(): void }[] = [];
  const dispose = () => {
    for (const component of opened) component.dispose();
  };
  const open = <Network>(spec: ComponentSpec<Network>): OpenNetwork<Network> => {
    const component = openComponent(spec, runtime);
    opened.push(component);
    return component;
  };
  try {
    const text = open({
      name: 'text encoder',
      folder: join(path, 'text_encoder'),
      stem: 'model',
      build: (weights) => createTextTower(configs.text, weights),
    });
    const vae = open({
      name: 'vae',
      folder: join(path, 'vae'),
      stem: 'diffusion_pytorch_model',
      build: (weights) => createVae(configs.vae, weights),
    });
    const unet = open({
      name: 'unet',
      folder: join(path, 'unet'),
      stem: 'diffusion_pytorch_model',
      build: (weights) => createUnet(configs.unet, weights),
    });
    const total = text.bytes + vae.bytes + unet.bytes;
    let done = 0;
    const onRead = (bytes: number) => {
      done += bytes;
      progress(done / total);
    };
    return createStableDiffusion({
      description: describe(configs, unet.parameters),
      runtime,
      configs,
      textTower: await text.load(onRead),
      vae: await vae.load(onRead),
      unet: await unet.load(onRead),
      dispose,
    });
  } catch (cause) {
    dispose();
    throw cause;
  }
}
