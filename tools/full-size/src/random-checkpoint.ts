import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomSource, type TensorToStore, writeSafetensors } from '@draft/core';
import { float32ToFloat16 } from '../../../packages/core/src/files/float16.js';
import { writePytorch } from './pytorch/write-pytorch.js';

/** A prime, so that rows of a matrix do not come out alike. */
const period = 65_521;

/** How widely the numbers of a tensor are spread around what they are spread around. */
function distribution(
  name: string,
  shape: readonly number[],
): { readonly centre: number; readonly spread: number } {
  if (name.endsWith('running_var')) return { centre: 1, spread: 0.1 };
  if (shape.length > 1) {
    // Keeps the size of what passes through a map.
    const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
    return { centre: 0, spread: /embedding/.test(name) ? 0.02 : 1 / Math.sqrt(inputs) };
  }
  const isScale = /(norm\w*|ln_\w+|bn\d|normalization|downsample\.1)\.weight$/.test(name);
  return { centre: isScale ? 1 : 0, spread: 0.02 };
}

/** The names and shapes of a published checkpoint: a line each, `name<TAB>3x64`, a scalar being `scalar`. */
export const readKeys = (list: URL): ReadonlyMap<string, readonly number[]> =>
  new Map(
    readFileSync(list, 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const [name, text] = line.split('\t') as [string, string];
        return [name, text === 'scalar' ? [] : text.split('x').map(Number)];
      }),
  );

/** A tensor of random numbers, made when its turn comes. */
export interface RandomTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: () => Float32Array;
}

/** Random numbers in the names and shapes of a published checkpoint. */
export function randomTensors(keys: ReadonlyMap<string, readonly number[]>): readonly RandomTensor[] {
  const normals = createRandomSource(1, 'full size').normal(period);
  let numbers = 0;
  return [...keys].map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const start = numbers;
    numbers += size;
    const { centre, spread } = distribution(name, shape);
    const data = () => {
      const stretch = Float32Array.from(
        { length: period },
        (_, i) => centre + spread * normals[(start + i) % period]!,
      );
      const values = new Float32Array(size);
      // A thousand million numbers one by one would take a minute.
      for (let at = 0; at < size; at += period)
        values.set(stretch.subarray(0, Math.min(period, size - at)), at);
      return values;
    };
    return { name, shape, data };
  });
}

/** How a published file holds its tensors. */
export interface PublishedFile {
  readonly name: string;
  readonly format: 'safetensors' | 'pytorch' | 'pytorch before 1.6';
  /** @default 'float32' */
  readonly dtype?: 'float32' | 'float16';
  /** The name under which the state dict stands in a file of PyTorch, if it does not stand alone. */
  readonly wrapper?: string;
}

/**
 * Writes random numbers in the names and shapes of a published checkpoint, one tensor at a time.
 * @returns How many numbers.
 */
export function writeRandomCheckpoint(
  folder: string,
  { name, format, dtype = 'float32', wrapper }: PublishedFile,
  keys: ReadonlyMap<string, readonly number[]>,
): number {
  const path = join(folder, name);
  const tensors = randomTensors(keys);
  if (format === 'safetensors') {
    const stored = tensors.map(({ name: key, shape, data }): [string, TensorToStore] => [
      key,
      { dtype: dtype === 'float16' ? 'F16' : 'F32', shape, data },
    ]);
    writeSafetensors(path, new Map(stored), { format: 'pt' });
  } else {
    const bytes = (values: Float32Array): Uint8Array =>
      new Uint8Array(dtype === 'float16' ? float32ToFloat16(values).buffer : values.buffer);
    const storage = dtype === 'float16' ? 'HalfStorage' : 'FloatStorage';
    writePytorch(
      path,
      tensors.map(({ data, ...tensor }) => ({ ...tensor, storage, data: () => bytes(data()) })),
      { legacy: format === 'pytorch before 1.6', wrapper },
    );
  }
  return tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
