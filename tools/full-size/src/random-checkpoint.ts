import { readFileSync } from 'node:fs';
import { createRandomSource, type TensorToStore, writeSafetensors } from '@draft/core';

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

/**
 * Writes random numbers in the names and shapes of a published checkpoint, one tensor at a time.
 * @param list Its names and shapes.
 * @returns How many numbers.
 */
export function writeRandomCheckpoint(path: string, list: URL): number {
  const normals = createRandomSource(1, 'full size').normal(period);
  const keys = readKeys(list);
  const tensors = new Map<string, TensorToStore>();
  let numbers = 0;
  for (const [name, shape] of keys) {
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
    tensors.set(name, { shape, data });
  }
  writeSafetensors(path, tensors, { format: 'pt' });
  return numbers;
}
