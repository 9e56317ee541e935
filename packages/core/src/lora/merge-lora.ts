import { DraftError } from '../errors/draft-error.js';
import { decodeNumbers } from '../files/decode-numbers.js';
import { openSafetensors } from '../files/open-safetensors.js';
import type { SafetensorsEntry } from '../files/safetensors-header.js';
import { type TensorToStore, writeSafetensors } from '../files/write-safetensors.js';
import { downWidth, type LoraModule, moduleKey } from './lora-module.js';

/** Names under which a component's file may hold a layer's weight. */
const weightNames = ({ component, layer }: LoraModule): readonly string[] =>
  component === 'unet'
    ? [`${layer}.weight`]
    : [`${layer}.weight`, `${layer.replace(/^text_model\./, '')}.weight`];

const refuse = (code: string, path: string, reason: string) =>
  new DraftError(code, `The LoRA cannot be merged into ${path}: ${reason}.`);

/** The modules whose weights a file holds, by the weights' names. @throws DraftError where one does not fit. */
const modulesIn = (
  path: string,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  modules: readonly LoraModule[],
): ReadonlyMap<string, LoraModule> => {
  const found = new Map<string, LoraModule>();
  for (const module of modules) {
    const name = weightNames(module).find((candidate) => entries.has(candidate));
    if (name === undefined) continue;
    const { shape, dtype } = entries.get(name)!;
    const [out, ...columns] = shape;
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
    found.set(name, module);
  }
  return found;
};

/** `W + scale · B A`, row by row, summed in float64 and rounded once. */
const merged = (weight: Float32Array<ArrayBuffer>, module: LoraModule): Float32Array<ArrayBuffer> => {
  const { rank, outFeatures, up, down, scale } = module;
  const width = downWidth(module);
  const row = new Float64Array(width);
  for (let i = 0; i < outFeatures; i += 1) {
    row.set(weight.subarray(i * width, (i + 1) * width));
    for (let k = 0; k < rank; k += 1) {
      const factor = scale * up[i * rank + k]!;
      if (factor === 0) continue;
      const from = k * width;
      for (let j = 0; j < width; j += 1) row[j]! += factor * down[from + j]!;
    }
    weight.set(row, i * width);
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
    return new Set([...modulesIn(path, file.entries, modules).values()].map(moduleKey));
  } finally {
    file.close();
  }
};

/**
 * Writes a weights file with a LoRA added, `W + (α / r) · B A`, in the types of the original. One tensor at a time is in
 * memory, and the file appears all at once.
 * @param modules Of one component; those whose weights are in other files are passed over.
 * @throws DraftError as `mergeableLayers`; `DRAFT_LORA_MERGE` where a sum is too large for the weight's type.
 */
export const mergeLora = (source: string, target: string, modules: readonly LoraModule[]): void => {
  const file = openSafetensors(source);
  try {
    const found = modulesIn(source, file.entries, modules);
    const tensors = [...file.entries].map(([name, { dtype, shape }]): [string, TensorToStore] => {
      const module = found.get(name);
      if (module === undefined) return [name, { dtype, shape, data: () => file.read(name) }];
      const data = () => {
        const sum = merged(decodeNumbers(file.read(name), dtype), module);
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
