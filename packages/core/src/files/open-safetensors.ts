import type { StoredPlace } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { openRandomAccess, type RandomAccessFile } from './random-access-file.js';
import {
  maximalHeaderLength,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  safetensorsError,
} from './safetensors-header.js';

/** An open safetensors file: its header is in memory, its numbers stay on the disk until they are asked for. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /**
   * Reads one tensor from the disk now.
   * @returns Its little-endian bytes, row-major, in an array of their own that may be viewed as any type.
   * @throws DraftError `DRAFT_TENSOR_MISSING` where the file has no such tensor.
   */
  read(name: string): Uint8Array<ArrayBuffer>;
  /** Where a tensor lies, as long as the file is open; throws as `read` does. */
  placeOf(name: string): StoredPlace;
  /** Closes the file; calling it twice is harmless. */
  close(): void;
}

function readHeader(file: RandomAccessFile): SafetensorsHeader {
  const { path, size } = file;
  if (size < 8) {
    throw safetensorsError(path, `it has ${size} bytes, fewer than the 8 that every such file begins with`);
  }
  const length = new DataView(file.read(0, 8).buffer).getBigUint64(0, true);
  if (length > BigInt(size - 8)) {
    throw safetensorsError(path, `its header claims ${length} bytes, but the file has only ${size}`);
  }
  if (length > BigInt(maximalHeaderLength)) {
    throw safetensorsError(path, `its header claims ${length} bytes; ${maximalHeaderLength} are the limit`);
  }
  const bytes = file.read(8, Number(length));
  return parseSafetensorsHeader(bytes, 8 + bytes.length, size, path);
}

/**
 * Opens a safetensors file and validates its header strictly; numbers are read one tensor at a time.
 * @throws DraftError naming the file: `DRAFT_FILE_NOT_FOUND`, `DRAFT_SAFETENSORS_INVALID`, …
 * @see https://github.com/huggingface/safetensors#format
 */
export function openSafetensors(path: string): SafetensorsFile {
  const file = openRandomAccess(path);
  let header: SafetensorsHeader;
  try {
    header = readHeader(file);
  } catch (cause) {
    file.close();
    throw cause;
  }
  const { entries, metadata } = header;
  const entryOf = (name: string) => {
    const entry = entries.get(name);
    if (!entry) throw new DraftError('DRAFT_TENSOR_MISSING', `${path} holds no tensor called ${name}.`);
    return entry;
  };
  return {
    path,
    entries,
    metadata,
    read(name) {
      const { byteOffset, byteLength } = entryOf(name);
      return file.read(byteOffset, byteLength);
    },
    placeOf: (name) => ({ descriptor: file.descriptor(), position: entryOf(name).byteOffset }),
    close: file.close,
  };
}
