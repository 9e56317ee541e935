import type { AdaptableLayer, Adapter, Adapters } from '../contracts/diffusion-model.js';
import { DraftError } from '../errors/draft-error.js';
import { tf } from '../runtime/tf.js';
import { disposeAdapters } from './adapters.js';
import { loraFamilies } from './lora-family.js';
import { downWidth, type LoraModule } from './lora-module.js';
import { type LoraFile, readLoraFile } from './read-lora-file.js';

const mergeHint = 'merge it into the model with draft lora merge';

const invalid = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: ${reason}.`);

const contextOf = (layers: readonly { readonly name: string; readonly inFeatures: number }[]) =>
  layers.find(({ name }) => /\.attn2\.to_[kv]$/.test(name))?.inFeatures;

/** The architecture that the file is for, where it is another than the model's for certain. */
const otherFamily = (
  { family, modules }: LoraFile,
  layers: readonly AdaptableLayer[],
): string | undefined => {
  if (family === undefined) return undefined;
  const { name, context } = loraFamilies[family];
  const theirs = contextOf(modules.map(({ layer, inFeatures }) => ({ name: layer, inFeatures }))) ?? context;
  return theirs === context && contextOf(layers) !== context ? name : undefined;
};

const mismatch = (file: LoraFile, layers: readonly AdaptableLayer[], reason: string) => {
  const other = otherFamily(file, layers);
  const what = other === undefined ? 'another architecture' : `${other}, not for this model`;
  return new DraftError('DRAFT_LORA_MISMATCH', `${file.path} is a LoRA for ${what}: ${reason}.`);
};

const adapterOf = (
  file: LoraFile,
  module: LoraModule,
  layer: AdaptableLayer,
  layers: readonly AdaptableLayer[],
): Adapter => {
  const { inFeatures, outFeatures, rank, down, up, scale } = module;
  if (inFeatures !== layer.inFeatures || outFeatures !== layer.outFeatures) {
    throw mismatch(
      file,
      layers,
      `it maps ${inFeatures} to ${outFeatures} features in layer ${layer.name}, where the model maps ${layer.inFeatures} to ${layer.outFeatures}`,
    );
  }
  return {
    down: tf.tensor2d(down, [rank, inFeatures]),
    up: tf.tensor2d(up, [outFeatures, rank]),
    scale,
  };
};

/** Refuses what only merging can apply: the model takes adapters of linear maps and 1×1 convolutions of its UNet. */
const refuseUnused = (file: LoraFile, { component, layer, kernel }: LoraModule): void => {
  if (component !== 'unet') {
    throw invalid(
      file.path,
      `it also adapts the text encoder (${layer}), which only merging can apply: ${mergeHint}, or leave that part out with draft lora convert --unet-only`,
    );
  }
  const convolution = (kernel && kernel[0] * kernel[1] > 1) || /\.resnets\.|samplers\.|^conv_/.test(layer);
  if (convolution) {
    throw invalid(
      file.path,
      `it also adapts the convolution ${layer} (a LoCon), which only merging can apply: ${mergeHint}`,
    );
  }
};

/**
 * Reads a LoRA in any format of PEFT, diffusers or kohya's scripts for a model. The tensors are the caller's.
 * @param layers The layers of the model that it is to be used with.
 * @throws DraftError naming the file: as `readLoraFile`; `DRAFT_LORA_MISMATCH` with what it is for where that is not
 * this model; `DRAFT_LORA_INVALID` where it also adapts convolutions or a text encoder.
 */
export const readLora = (path: string, layers: readonly AdaptableLayer[]): Adapters => {
  const file = readLoraFile(path);
  const known = new Map(layers.map((layer) => [layer.name, layer]));
  const adapters = new Map<string, Adapter[]>();
  try {
    for (const module of file.modules) {
      const layer = module.component === 'unet' ? known.get(module.layer) : undefined;
      if (!layer || downWidth(module) !== module.inFeatures) {
        if (otherFamily(file, layers) === undefined) refuseUnused(file, module);
        throw mismatch(file, layers, `the model has no layer ${module.layer} to adapt`);
      }
      adapters.set(module.layer, [adapterOf(file, module, layer, layers)]);
    }
  } catch (error) {
    disposeAdapters(adapters);
    throw error;
  }
  return adapters;
};
