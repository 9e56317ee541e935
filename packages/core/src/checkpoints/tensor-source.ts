import type { StoredPlace } from '../contracts/runtime.js';
import type { SafetensorsType } from '../files/safetensors-header.js';

/** What is known of a stored tensor before it is read. */
export interface TensorEntry {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** Bytes that reading it gives. */
  readonly byteLength: number;
}

/**
 * The tensors of a checkpoint, in one file or several, of whatever format: descriptions in memory, numbers on the
 * disk. A `SafetensorsFile` is one.
 */
export interface TensorSource {
  /** The file, or the index of the files, for messages. */
  readonly path: string;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /**
   * Reads one tensor from the disk now.
   * @returns Its little-endian bytes, row-major, in an array of their own that may be viewed as any type.
   * @throws DraftError `DRAFT_TENSOR_MISSING` where there is no such tensor.
   */
  read(name: string): Uint8Array<ArrayBuffer>;
  /**
   * Where a tensor lies in an open file as `read` gives it; absent where a format stores it otherwise.
   * @throws DraftError as `read` does.
   */
  placeOf?(name: string): StoredPlace;
  /** How the file itself calls a tensor, where `entries` have other names than the file. */
  nameInFile?(name: string): string;
  /** Closes all files; calling it twice is harmless. */
  close(): void;
}
