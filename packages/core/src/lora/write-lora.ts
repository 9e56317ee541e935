import type { AdaptableLayer, Adapter, Adapters } from '../contracts/diffusion-model.js';
import { DraftError } from '../errors/draft-error.js';
import { tf } from '../runtime/tf.js';
import { familyNamed } from './lora-family.js';
import type { LoraModule } from './lora-module.js';
import { type WrittenLoraFormat, writeLoraFile } from './write-lora-file.js';

/** What a LoRA file is written from. */
export interface LoraToWrite {
  readonly adapters: Adapters;
  /** The model's layers, which say what is a convolution. */
  readonly layers: readonly AdaptableLayer[];
  /** `DiffusionModel.architecture`; kohya's names depend on it. */
  readonly architecture?: string;
  /** @default 'peft' */
  readonly format?: WrittenLoraFormat;
  /** How numbers are stored. @default 'F32' */
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  /** Texts for the header, beside those of the format. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Several updates of one layer as a single one of the sum of their ranks, with their scales folded into `B`. */
const fold = ([first, ...others]: readonly Adapter[]) => {
  if (first === undefined || others.length === 0) return first;
  return tf.tidy(() => ({
    down: tf.concat([first, ...others].map(({ down }) => down)), // [r, in]
    up: tf.concat(
      [first, ...others].map(({ up, scale }) => tf.mul(up, scale)),
      1,
    ), // [out, r]
    scale: 1,
  }));
};

/**
 * The adapters as numbers, for files.
 * @throws DraftError `DRAFT_LORA_MISMATCH` where an adapted layer is not among the model's.
 */
export const adapterModules = async (
  adapters: Adapters,
  modelLayers: readonly AdaptableLayer[],
): Promise<readonly LoraModule[]> => {
  const layers = new Map(modelLayers.map((layer) => [layer.name, layer]));
  const modules: LoraModule[] = [];
  for (const [name, list] of adapters) {
    const layer = layers.get(name);
    if (!layer) {
      throw new DraftError(
        'DRAFT_LORA_MISMATCH',
        `The LoRA cannot be written: the model has no layer ${name}.`,
      );
    }
    const folded = fold(list);
    if (folded === undefined) continue;
    const { down, up, scale } = folded;
    modules.push({
      component: 'unet',
      layer: name,
      rank: down.shape[0] ?? 0,
      inFeatures: layer.inFeatures,
      outFeatures: layer.outFeatures,
      kernel: layer.convolution ? [1, 1] : null,
      down: Float32Array.from(await down.data()),
      up: Float32Array.from(await up.data()),
      scale,
    });
    if (list.length > 1) tf.dispose([down, up]);
  }
  return modules;
};

/**
 * Writes a model's LoRA, by default with PEFT's names, as diffusers writes it; see `writeLoraFile`. The weights of
 * convolutions are stored with two trailing ones, as a 1×1 kernel. The file replaces another atomically.
 * @throws DraftError `DRAFT_LORA_MISMATCH` where an adapted layer is not among the model's, or as `writeLoraFile`.
 */
export const writeLora = async (path: string, lora: LoraToWrite): Promise<void> => {
  const { adapters, layers, architecture, format, dtype, metadata } = lora;
  const family = familyNamed(architecture);
  writeLoraFile(path, await adapterModules(adapters, layers), { format, dtype, family, metadata });
};
