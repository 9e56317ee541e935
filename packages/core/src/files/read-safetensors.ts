import { decodeNumbers } from './decode-numbers.js';
import { openSafetensors } from './open-safetensors.js';
import type { SafetensorsType } from './safetensors-header.js';

/** One tensor of a file, in memory. */
export interface StoredTensor {
  /** How the file stores it. */
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** The content of a safetensors file. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a whole safetensors file into memory, every number as float32.
 * @throws DraftError as `openSafetensors` does.
 */
export function readSafetensors(path: string): SafetensorsContent {
  const file = openSafetensors(path);
  try {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { dtype, shape }] of file.entries) {
      tensors.set(name, { dtype, shape, data: decodeNumbers(file.read(name), dtype) });
    }
    return { tensors, metadata: file.metadata };
  } finally {
    file.close();
  }
}
