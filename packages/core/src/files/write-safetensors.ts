import { DraftError } from '../errors/draft-error.js';
import { float32ToBfloat16 } from './bfloat16.js';
import { float32ToFloat16 } from './float16.js';
import { replaceFile } from './replace-file.js';
import { type SafetensorsType, safetensorsItemSize } from './safetensors-header.js';

/** Numbers to be stored, or little-endian bytes that are stored as they are. */
export type TensorData = Float32Array | Uint8Array;

/** One tensor to be written. */
export interface TensorToStore {
  /**
   * How to store it. Float32 numbers are rounded to `F16` or `BF16`; any other type needs bytes.
   * @default 'F32'
   */
  readonly dtype?: SafetensorsType;
  readonly shape: readonly number[];
  /** Row-major; a function is called only when its turn has come, so that one tensor at a time is in memory. */
  readonly data: TensorData | (() => TensorData);
}

const bytesOf = (array: Float32Array | Uint16Array | Uint8Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const unfit = (path: string, name: string, what: string) =>
  new DraftError('DRAFT_TENSOR_UNFIT', `${path} cannot be written: tensor ${name} ${what}.`);

function encode(data: TensorData, dtype: SafetensorsType): Uint8Array | null {
  if (data instanceof Uint8Array) return data;
  if (dtype === 'F32') return bytesOf(data);
  if (dtype === 'F16') return bytesOf(float32ToFloat16(data));
  return dtype === 'BF16' ? bytesOf(float32ToBfloat16(data)) : null;
}

/**
 * Writes a safetensors file, one tensor after the other, atomically.
 * @param metadata Texts for the header, such as `{ format: 'pt' }`.
 * @throws DraftError `DRAFT_TENSOR_UNFIT` where data and shape disagree, or an error of the disk.
 * @see https://github.com/huggingface/safetensors#format
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorToStore> | Readonly<Record<string, TensorToStore>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const named: Iterable<readonly [string, TensorToStore]> =
    tensors instanceof Map ? tensors : Object.entries(tensors);
  // Widest numbers first, so that each tensor begins at a multiple of its item size; then by name.
  const list = [...named]
    .map(([name, { dtype = 'F32', shape, data }]) => ({ name, dtype, shape, data }))
    .sort(
      (a, b) => safetensorsItemSize[b.dtype] - safetensorsItemSize[a.dtype] || (a.name < b.name ? -1 : 1),
    );
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let size = 0;
  for (const { name, dtype, shape } of list) {
    const begin = size;
    size += shape.reduce((a, b) => a * b, safetensorsItemSize[dtype]);
    if (name === '__metadata__' || !shape.every(Number.isSafeInteger) || !(size >= begin)) {
      throw unfit(path, name, `has a name or shape that cannot be stored ([${shape.join(', ')}])`);
    }
    header[name] = { dtype, shape, data_offsets: [begin, size] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const prefix = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(prefix.length - 8), true);
  prefix.set(json, 8);
  replaceFile(path, prefix.length + size, (append) => {
    append(prefix);
    for (const { name, dtype, shape, data } of list) {
      const bytes = encode(typeof data === 'function' ? data() : data, dtype);
      if (!bytes) throw unfit(path, name, `is to be stored as ${dtype}, which needs bytes, not float32`);
      const need = shape.reduce((a, b) => a * b, safetensorsItemSize[dtype]);
      if (bytes.length !== need) {
        throw unfit(
          path,
          name,
          `has ${bytes.length} bytes, but ${dtype} [${shape.join(', ')}] needs ${need}`,
        );
      }
      append(bytes);
    }
  });
}
