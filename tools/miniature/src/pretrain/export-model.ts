import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TensorToStore, writeFileAtomically, writeSafetensors } from '@draft/core';
import { createVae, parseVaeConfig } from '@draft/model-stable-diffusion';
import { schedulerConfig, textConfig, unetConfig, vaeConfig } from './architecture.js';
import { listParameters, type Parameter } from './parameters.js';
import { diffusionParameters } from './train-diffusion.js';

/** `[height, width, in, out]` to `[out, in, height, width]`. */
const outermostOut = (values: Float32Array, shape: readonly number[]): Float32Array => {
  const [height, width, ins, outs] = shape as [number, number, number, number];
  const result = new Float32Array(values.length);
  for (let at = 0, tap = 0; tap < height * width; tap++) {
    for (let i = 0; i < ins; i++) {
      for (let o = 0; o < outs; o++) result[(o * ins + i) * height * width + tap] = values[at++] as number;
    }
  }
  return result;
};

/** A weight as PyTorch lays it out, in float16. */
export const stored = ({ shape, layout, offset, size }: Parameter, flat: Float32Array): TensorToStore => {
  const values = flat.subarray(offset, offset + size);
  if (layout === 'convolution') {
    const [height, width, ins, outs] = shape as [number, number, number, number];
    return { dtype: 'F16', shape: [outs, ins, height, width], data: outermostOut(values, shape) };
  }
  return { dtype: 'F16', shape: layout === 'pointwise' ? [...shape, 1, 1] : shape, data: values };
};

const writeComponent = (
  folder: string,
  file: string,
  config: object,
  tensors: Readonly<Record<string, TensorToStore>>,
) => {
  mkdirSync(folder, { recursive: true });
  writeFileAtomically(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  writeSafetensors(join(folder, file), tensors, { format: 'pt' });
};

/** Writes the model in the layout of diffusers, in float16. */
export const exportModel = (
  folder: string,
  vae: Float32Array,
  diffusion: Float32Array,
  scale: number,
  vocabularySize: number,
): void => {
  const vaeParameters = listParameters((weights) => createVae(parseVaeConfig(vaeConfig), weights));
  const { parameters } = diffusionParameters(vocabularySize);
  const isText = ({ name }: Parameter) => name.startsWith('text.');
  const tensors = (list: readonly Parameter[], flat: Float32Array, strip: number) =>
    Object.fromEntries(list.map((parameter) => [parameter.name.slice(strip), stored(parameter, flat)]));
  const weights = 'diffusion_pytorch_model.safetensors';
  writeComponent(
    join(folder, 'vae'),
    weights,
    { ...vaeConfig, scaling_factor: scale },
    tensors(vaeParameters, vae, 0),
  );
  writeComponent(
    join(folder, 'unet'),
    weights,
    unetConfig,
    tensors(
      parameters.filter((parameter) => !isText(parameter)),
      diffusion,
      0,
    ),
  );
  writeComponent(
    join(folder, 'text_encoder'),
    'model.safetensors',
    textConfig(vocabularySize),
    tensors(parameters.filter(isText), diffusion, 'text.'.length),
  );
  mkdirSync(join(folder, 'scheduler'), { recursive: true });
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  writeFileAtomically(join(folder, 'scheduler', 'scheduler_config.json'), json(schedulerConfig));
  writeFileAtomically(
    join(folder, 'model_index.json'),
    json({
      _class_name: 'StableDiffusionPipeline',
      _diffusers_version: '0.42.1',
      feature_extractor: [null, null],
      requires_safety_checker: false,
      safety_checker: [null, null],
      scheduler: ['diffusers', 'DDIMScheduler'],
      text_encoder: ['transformers', 'CLIPTextModel'],
      tokenizer: ['transformers', 'CLIPTokenizer'],
      unet: ['diffusers', 'UNet2DConditionModel'],
      vae: ['diffusers', 'AutoencoderKL'],
    }),
  );
};
