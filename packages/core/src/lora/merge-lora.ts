import { DraftError } from '../errors/draft-error.js';
import { decodeNumbers } from '../files/decode-numbers.js';
import { openSafetensors } from '../files/open-safetensors.js';
import type { SafetensorsEntry } from '../files/safetensors-header.js';
import { type TensorToStore, writeSafetensors } from '../files/write-safetensors.js';
import { downWidth, type LoraModule, moduleKey } from './lora-module.js';
import { weightPlaces } from './weight-places.js';

/** A module and the rows of a weight that it changes. */
interface Placed {
  readonly module: LoraModule;
  /** Rows before the layer's own. */
  readonly first: number;
}

const refuse = (code: string, path: string, reason: string) =>
  new DraftError(code, `The LoRA cannot be merged into ${path}: ${reason}.`);

/** The modules whose weights a file holds, by the weights' names. @throws DraftError where one does not fit. */
const modulesIn = (
  path: string,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  modules: readonly LoraModule[],
): ReadonlyMap<string, readonly Placed[]> => {
  const found = new Map<string, readonly Placed[]>();
  for (const module of modules) {
    const place = weightPlaces(module).find(({ name }) => entries.has(name));
    if (place === undefined) continue;
    const { name, third } = place;
    const { shape, dtype } = entries.get(name)!;
    const [rows = 0, ...columns] = shape;
    const out = third === undefined ? rows : rows / 3;
    if (out !== module.outFeatures || columns.reduce((a, b) => a * b, 1) !== downWidth(module)) {
      const own = `${downWidth(module)} to ${module.outFeatures} features`;
      throw refuse(
        'DRAFT_LORA_MISMATCH',
        path,
        `it is for another architecture; its layer ${module.layer} maps ${own}, the weight there is [${shape.join(', ')}]`,
      );
    }
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
      throw refuse('DRAFT_LORA_MERGE', path, `the weight ${name} is stored as ${dtype}`);
    }
    found.set(name, [...(found.get(name) ?? []), { module, first: (third ?? 0) * out }]);
  }
  return found;
};

/** `W + scale · B A`, row by row, summed in float64 and rounded once. */
const merged = (weight: Float32Array<ArrayBuffer>, { module, first }: Placed): Float32Array<ArrayBuffer> => {
  const { rank, outFeatures, up, down, scale } = module;
  const width = downWidth(module);
  const row = new Float64Array(width);
  for (let i = 0; i < outFeatures; i += 1) {
    const start = (first + i) * width;
    row.set(weight.subarray(start, start + width));
    for (let k = 0; k < rank; k += 1) {
      const factor = scale * up[i * rank + k]!;
      if (factor === 0) continue;
      const from = k * width;
      for (let j = 0; j < width; j += 1) row[j]! += factor * down[from + j]!;
    }
    weight.set(row, start);
  }
  return weight;
};

/**
 * Which of a LoRA's layers a weights file holds, without reading its numbers.
 * @returns Their keys (`moduleKey`).
 * @throws DraftError `DRAFT_LORA_MISMATCH` where one has another shape, `DRAFT_LORA_MERGE` where a weight's type cannot
 * be added to, or as `openSafetensors`.
 */
export const mergeableLayers = (path: string, modules: readonly LoraModule[]): ReadonlySet<string> => {
  const file = openSafetensors(path);
  try {
    const found = [...modulesIn(path, file.entries, modules).values()].flat();
    return new Set(found.map(({ module }) => moduleKey(module)));
  } finally {
    file.close();
  }
};

/**
 * Writes a weights file with a LoRA added, `W + (α / r) · B A`, in the types of the original. One tensor at a time is in
 * memory, and the file appears all at once.
 * @param source A component's file in diffusers layout, or a single file of Stable Diffusion 1.x or SDXL.
 * @param modules Of the component, or of all; those whose weights are in other files are passed over.
 * @throws DraftError as `mergeableLayers`; `DRAFT_LORA_MERGE` where a sum is too large for the weight's type.
 */
export const mergeLora = (source: string, target: string, modules: readonly LoraModule[]): void => {
  const file = openSafetensors(source);
  try {
    const found = modulesIn(source, file.entries, modules);
    const tensors = [...file.entries].map(([name, { dtype, shape }]): [string, TensorToStore] => {
      const placed = found.get(name);
      if (placed === undefined) return [name, { dtype, shape, data: () => file.read(name) }];
      const data = () => {
        const sum = placed.reduce(merged, decodeNumbers(file.read(name), dtype));
        const limit = dtype === 'F16' ? 65504 : Number.MAX_VALUE;
        if (!sum.every((value) => Math.abs(value) <= limit)) {
          throw refuse('DRAFT_LORA_MERGE', source, `the sum is too large for ${dtype} at ${name}`);
        }
        return sum;
      };
      return [name, { dtype, shape, data }];
    });
    writeSafetensors(target, new Map(tensors), file.metadata);
  } finally {
    file.close();
  }
};
