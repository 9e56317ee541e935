import { DraftError } from '../errors/draft-error.js';
import { readSafetensors, type StoredTensor } from '../files/read-safetensors.js';
import type { SafetensorsType } from '../files/safetensors-header.js';
import { foreignFamily, type LoraFamily, loraFamily } from './lora-family.js';
import { type LoraFormat, loraFormatNames, unreadKind } from './lora-format.js';
import { type LoraKey, parseLoraKey } from './lora-key.js';
import { type LoraModule, moduleKey } from './lora-module.js';
import { loraScales } from './lora-scale.js';

/** A LoRA file as numbers: what it changes, by how much, and what it says of itself. */
export interface LoraFile {
  readonly path: string;
  readonly format: LoraFormat;
  /** The architecture that it is for, in kohya's terms; undefined where nothing tells. */
  readonly family: LoraFamily | undefined;
  /** One a layer, each layer once. */
  readonly modules: readonly LoraModule[];
  readonly metadata: Readonly<Record<string, string>>;
}

interface Parts {
  readonly key: LoraKey & { readonly layer: string };
  /** What the file calls the layer. */
  readonly name: string;
  down?: StoredTensor;
  up?: StoredTensor;
  alpha?: StoredTensor;
}

const invalid = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: ${reason}.`);

/** A name from the file, short and on one line. */
const short = (name: string) => {
  const line = name.replaceAll(/\p{Cc}/gu, '?');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};

/** What a layer may be called at all; anything else would not be fit to be shown. */
const plainName = /^[\w.-]{1,200}$/;

const list = ({ shape }: StoredTensor) => `[${shape.join(', ')}]`;

const floats: readonly SafetensorsType[] = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'];

/** The tensors of a file by layer, and the format that all their names have. */
const partsOf = (path: string, tensors: ReadonlyMap<string, StoredTensor>) => {
  const names = [...tensors.keys()];
  const kind = unreadKind(names);
  if (kind !== undefined) {
    throw new DraftError(
      'DRAFT_LORA_FORMAT',
      `${path} is ${kind}; only plain LoRA files are read, those of PEFT, diffusers and kohya’s scripts.`,
    );
  }
  const other = foreignFamily(names);
  if (other !== undefined) {
    throw new DraftError('DRAFT_LORA_MISMATCH', `${path} is a LoRA for ${other}, not for Stable Diffusion.`);
  }
  const keys = names.map((name): readonly [string, LoraKey | null] => [name, parseLoraKey(name)]);
  if (!keys.some(([, key]) => key !== null && key.part !== 'alpha')) {
    throw invalid(path, 'none of its tensors is part of a LoRA');
  }
  const parts = new Map<string, Parts>();
  let format: LoraFormat | null = null;
  for (const [name, key] of keys) {
    if (key === null) throw invalid(path, `it also holds more than a LoRA (${short(name)})`);
    if (key.layer === null || !plainName.test(key.layer))
      throw invalid(path, `${short(name)} is no layer of a Stable Diffusion`);
    if (format !== null && key.format !== null && key.format !== format) {
      throw invalid(path, `it mixes ${loraFormatNames[format]} with ${loraFormatNames[key.format]}`);
    }
    format ??= key.format;
    const id = moduleKey({ component: key.component, layer: key.layer });
    const found: Parts = parts.get(id) ?? { key: { ...key, layer: key.layer }, name };
    if (found[key.part] !== undefined) {
      throw invalid(path, `it holds the ${key.part} weights of layer ${short(key.layer)} twice`);
    }
    found[key.part] = tensors.get(name)!;
    parts.set(id, found);
  }
  return { parts: [...parts.values()], format: format ?? 'diffusers-scripts' };
};

/** The two factors' sizes. @throws DraftError where they are no factors of a matrix or a kernel. */
const sizesOf = (path: string, layer: string, down: StoredTensor, up: StoredTensor) => {
  const [rank = 0, inFeatures = 0, height = 1, width = 1] = down.shape;
  const [outFeatures = 0, upRank = 0, ...upKernel] = up.shape;
  const whole = [2, 4].includes(down.shape.length) && [2, 4].includes(up.shape.length);
  if (
    !whole ||
    rank !== upRank ||
    upKernel.some((side) => side !== 1) ||
    ![rank, inFeatures, outFeatures, height, width].every((side) => side > 0)
  ) {
    throw invalid(
      path,
      `the weights of layer ${short(layer)} have the shapes ${list(down)} and ${list(up)}, which are no pair of matrices`,
    );
  }
  const kernel = down.shape.length === 4 || up.shape.length === 4 ? ([height, width] as const) : null;
  return { rank, inFeatures, outFeatures, kernel };
};

const requireNumbers = (path: string, layer: string, { data, dtype }: StoredTensor): void => {
  if (!floats.includes(dtype)) {
    throw invalid(path, `the weights of layer ${short(layer)} are stored as ${dtype}, not as fractions`);
  }
  if (!data.every(Number.isFinite)) {
    throw invalid(
      path,
      `layer ${short(layer)} holds numbers that are not finite (NaN or infinite), so the LoRA is damaged or its training diverged`,
    );
  }
};

const alphaOf = (path: string, layer: string, { data }: StoredTensor): number => {
  const [alpha = Number.NaN] = data;
  if (data.length !== 1 || !Number.isFinite(alpha)) {
    throw invalid(path, `the alpha of layer ${short(layer)} is not one finite number`);
  }
  return alpha;
};

/**
 * Reads a LoRA file of PEFT's, diffusers' older or kohya's names into numbers, without a model. Convolutions and
 * text encoders are read as well.
 * @throws DraftError naming the file: `DRAFT_LORA_FORMAT` for a kind of adapter that is not read,
 * `DRAFT_LORA_MISMATCH` for a model that is no Stable Diffusion, `DRAFT_LORA_INVALID`, or as `readSafetensors`.
 */
export const readLoraFile = (path: string): LoraFile => {
  const { tensors, metadata } = readSafetensors(path);
  const { parts, format } = partsOf(path, tensors);
  const scaleOf = loraScales(path, metadata);
  const modules = parts.map(({ key: { component, layer }, name, down, up, alpha }): LoraModule => {
    if (!down && !up) throw invalid(path, `it also holds more than a LoRA (${short(name)})`);
    if (!down || !up) {
      const missing = format === 'peft' ? ['lora_A', 'lora_B'] : ['down weights', 'up weights'];
      throw invalid(path, `layer ${short(layer)} has no ${missing[down ? 1 : 0]}`);
    }
    const sizes = sizesOf(path, layer, down, up);
    requireNumbers(path, layer, down);
    requireNumbers(path, layer, up);
    const scale = alpha ? alphaOf(path, layer, alpha) / sizes.rank : scaleOf(component, layer, sizes.rank);
    return { component, layer, ...sizes, down: down.data, up: up.data, scale, dtype: down.dtype };
  });
  return { path, format, family: loraFamily(modules, metadata), modules, metadata };
};
