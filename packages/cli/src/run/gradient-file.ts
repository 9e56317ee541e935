import {
  type Adapters,
  adapterRecord,
  type DiffusionModel,
  type SamplingWeights,
  samplingRecord,
  type TensorToStore,
  writeFileAtomically,
  writeSafetensors,
} from '@draft/core';
import type { StoredNumbers } from './channels-first.js';
import type { MeasuredGradient } from './measure-gradient.js';

/**
 * What a file calls a parameter: `lora.0.<layer>.down` as PEFT does, `unet.<layer>.lora_A.weight`; `sampling.guidance` and
 * `sampling.negative` `guidance` and `negative`.
 */
export const storedName = (name: string): string => {
  if (name.startsWith('sampling.')) return name.slice('sampling.'.length);
  const [, layer = '', side] = /^lora\.0\.(.+)\.(down|up)$/.exec(name) ?? [];
  return `unet.${layer}.lora_${side === 'down' ? 'A' : 'B'}.weight`;
};

/** `FILE.json` beside `FILE.safetensors`. */
export const gradientReport = (path: string): string => `${path.replace(/\.safetensors$/, '')}.json`;

const layerOf = (name: string): string => name.replace(/^lora\.0\.|\.(down|up)$/g, '');

/** LoRA tensors as PEFT has them, matrices, or 1×1 kernels where the checkpoint has a convolution; others as they are. */
const asStored = (
  numbers: Readonly<Record<string, StoredNumbers>>,
  { layers }: DiffusionModel,
): Record<string, TensorToStore> => {
  const convolutions = new Set(layers.filter(({ convolution }) => convolution).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(numbers).map(([name, { shape, data }]) => [
      storedName(name),
      { shape: convolutions.has(layerOf(name)) ? [...shape, 1, 1] : shape, data },
    ]),
  );
};

/** What a gradient file holds beside its report. */
export interface GradientFile {
  readonly measured: MeasuredGradient;
  readonly model: DiffusionModel;
  /** The adapters that a file must hold because no other does; written as `start.<name>`. */
  readonly start: Adapters | undefined;
  /** What guides sampling, where a gradient in it was taken or it was learnt; written as `start.<name>`. */
  readonly sampling: SamplingWeights | undefined;
  /** The JSON beside it. */
  readonly report: object;
}

/**
 * Writes an estimate and everything that it was computed from: LoRA gradients under PEFT's names, `guidance`,
 * `negative`, `latents.final`,
 * `images`, `noise.<name>`, and a report as JSON beside it.
 */
export const writeGradientFile = (
  path: string,
  { measured, model, start, sampling, report }: GradientFile,
): void => {
  const noises = [...measured.noises].map(([name, numbers]): [string, TensorToStore] => [
    `noise.${name}`,
    numbers,
  ]);
  const parameters = Object.entries({
    ...(start ? adapterRecord(start) : {}),
    ...samplingRecord(sampling),
  }).map(([name, tensor]): [string, StoredNumbers] => [
    name,
    { shape: tensor.shape, data: tensor.dataSync() as Float32Array },
  ]);
  const startNamed = Object.entries(asStored(Object.fromEntries(parameters), model)).map(
    ([name, tensor]): [string, TensorToStore] => [`start.${name}`, tensor],
  );
  writeSafetensors(
    path,
    {
      ...asStored(measured.gradients, model),
      'latents.final': measured.latents,
      images: measured.images,
      ...Object.fromEntries([...noises, ...startNamed]),
    },
    { format: 'pt' },
  );
  writeFileAtomically(gradientReport(path), `${JSON.stringify(report, null, 2)}\n`);
};
