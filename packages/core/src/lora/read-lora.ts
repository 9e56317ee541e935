import type { AdaptableLayer, Adapter, Adapters } from '../contracts/diffusion-model.js';
import { DraftError } from '../errors/draft-error.js';
import { readSafetensors, type StoredTensor } from '../files/read-safetensors.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { disposeAdapters } from './adapters.js';
import { loraFormat, loraFormatNames } from './lora-format.js';
import { loraScale } from './lora-scale.js';

const key = /^(?:base_model\.model\.)?(?:unet\.)?(.+)\.lora_([AB])\.weight$/;

const invalid = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: ${reason}.`);

const mismatch = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_MISMATCH', `${path} is a LoRA for another architecture: ${reason}.`);

/** A matrix, or a 1×1 kernel as one; null for anything else. */
const matrixShape = ({ shape }: StoredTensor): readonly [number, number] | null => {
  const [rows = 0, columns = 0, ...kernel] = shape;
  const fits = shape.length === 2 || (shape.length === 4 && kernel.every((side) => side === 1));
  return fits && rows > 0 && columns > 0 ? [rows, columns] : null;
};

/** The two factors of each layer, by the layer's name. */
const pairsOf = (path: string, tensors: ReadonlyMap<string, StoredTensor>) => {
  const pairs = new Map<string, { down?: StoredTensor; up?: StoredTensor }>();
  for (const [name, tensor] of tensors) {
    const [, layer, side] = key.exec(name) ?? [];
    if (layer === undefined || /^text_encoder/.test(name)) {
      const what = /^text_encoder/.test(name) ? 'adapts the text encoder' : 'holds more than a LoRA';
      throw invalid(path, `it also ${what} (${name}), which is not supported`);
    }
    const pair = pairs.get(layer) ?? {};
    pair[side === 'A' ? 'down' : 'up'] = tensor;
    pairs.set(layer, pair);
  }
  return pairs;
};

const adapterOf = (
  path: string,
  layer: AdaptableLayer,
  pair: { readonly down?: StoredTensor; readonly up?: StoredTensor },
  metadata: Readonly<Record<string, string>>,
): Adapter => {
  const { name, inFeatures, outFeatures } = layer;
  if (!pair.down || !pair.up) {
    throw invalid(path, `layer ${name} has no lora_${pair.down ? 'B' : 'A'}`);
  }
  const down = matrixShape(pair.down);
  const up = matrixShape(pair.up);
  if (!down || !up || down[0] !== up[1]) {
    const shapes = `[${pair.down.shape.join(', ')}] and [${pair.up.shape.join(', ')}]`;
    throw invalid(
      path,
      `the weights of layer ${name} have the shapes ${shapes}, which are no pair of matrices`,
    );
  }
  if (down[1] !== inFeatures || up[0] !== outFeatures) {
    throw mismatch(
      path,
      `it maps ${down[1]} to ${up[0]} features in layer ${name}, where the model maps ${inFeatures} to ${outFeatures}`,
    );
  }
  const scale = loraScale(path, metadata, down[0]);
  const tensor = (stored: StoredTensor, shape: readonly [number, number]): Tensor =>
    tf.tensor2d(stored.data, [...shape]);
  return { down: tensor(pair.down, down), up: tensor(pair.up, up), scale };
};

/**
 * Reads a LoRA with PEFT's names, as diffusers and `writeLora` write it. The tensors are the caller's.
 * @param layers The layers of the model that it is to be used with.
 * @throws DraftError naming the file: `DRAFT_LORA_FORMAT` for a format that is not read, `DRAFT_LORA_MISMATCH` for
 * another architecture, `DRAFT_LORA_INVALID`, or as `readSafetensors`.
 */
export const readLora = (path: string, layers: readonly AdaptableLayer[]): Adapters => {
  const { tensors, metadata } = readSafetensors(path);
  const format = loraFormat([...tensors.keys()]);
  if (format === 'none') throw invalid(path, 'none of its tensors is part of a LoRA');
  if (format !== 'peft') {
    throw new DraftError(
      'DRAFT_LORA_FORMAT',
      `${path} has ${loraFormatNames[format]}; only LoRA files with PEFT's names, as diffusers writes them, are read.`,
    );
  }
  const known = new Map(layers.map((layer) => [layer.name, layer]));
  const adapters = new Map<string, Adapter[]>();
  try {
    for (const [name, pair] of pairsOf(path, tensors)) {
      const layer = known.get(name);
      if (!layer) throw mismatch(path, `the model has no layer ${name} to adapt`);
      adapters.set(name, [adapterOf(path, layer, pair, metadata)]);
    }
  } catch (error) {
    disposeAdapters(adapters);
    throw error;
  }
  return adapters;
};
