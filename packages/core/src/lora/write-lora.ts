import type { AdaptableLayer, Adapter, Adapters } from '../contracts/diffusion-model.js';
import { DraftError } from '../errors/draft-error.js';
import { type TensorToStore, writeSafetensors } from '../files/write-safetensors.js';
import { tf } from '../runtime/tf.js';

/** What a LoRA file is written from. */
export interface LoraToWrite {
  readonly adapters: Adapters;
  /** The model's layers, which say what is a convolution. */
  readonly layers: readonly AdaptableLayer[];
  /** How numbers are stored. @default 'F32' */
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  /** Texts for the header, beside `format: pt`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Several updates of one layer as a single one of the sum of their ranks, with all scales folded into `B`. */
const fold = (list: readonly Adapter[]) =>
  tf.tidy(() => ({
    down: tf.concat(list.map(({ down }) => down)), // [r, in]
    up: tf.concat(
      list.map(({ up, scale }) => tf.mul(up, scale)),
      1,
    ), // [out, r]
  }));

/**
 * Writes a LoRA with PEFT's names, `unet.<layer>.lora_A.weight` and `lora_B`, as diffusers writes it.
 *
 * Readers take `α = r` from such a file, so the scale is folded into `B`. The weights of convolutions are stored
 * with two trailing ones, as a 1×1 kernel. The file replaces another atomically.
 * @throws DraftError `DRAFT_LORA_MISMATCH` where an adapted layer is not among the model's.
 */
export const writeLora = async (path: string, lora: LoraToWrite): Promise<void> => {
  const { adapters, dtype = 'F32', metadata = {} } = lora;
  const layers = new Map(lora.layers.map((layer) => [layer.name, layer]));
  const tensors = new Map<string, TensorToStore>();
  for (const [name, list] of adapters) {
    const layer = layers.get(name);
    if (!layer) {
      throw new DraftError(
        'DRAFT_LORA_MISMATCH',
        `${path} cannot be written: the model has no layer ${name}.`,
      );
    }
    const folded = fold(list);
    for (const [side, tensor] of [
      ['lora_A', folded.down],
      ['lora_B', folded.up],
    ] as const) {
      const shape = layer.convolution ? [...tensor.shape, 1, 1] : tensor.shape;
      const data = (await tensor.data()) as Float32Array;
      tensors.set(`unet.${name}.${side}.weight`, { shape, data, dtype });
      tensor.dispose();
    }
  }
  writeSafetensors(path, tensors, { format: 'pt', ...metadata });
};
