import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from './explain-file-error.js';
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
  /** Closes the file; calling it twice is harmless. */
  close(): void;
}

/** One call to the operating system transfers less than 2 GiB. */
const chunk = 1 << 30;

function readFully(descriptor: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    const count = readSync(descriptor, bytes, done, Math.min(chunk, bytes.length - done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function readHeader(descriptor: number, fileSize: number, path: string): SafetensorsHeader {
  const prefix = new Uint8Array(8);
  if (readFully(descriptor, prefix, 0) < 8) {
    throw safetensorsError(
      path,
      `it has ${fileSize} bytes, fewer than the 8 that every such file begins with`,
    );
  }
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(fileSize - 8)) {
    throw safetensorsError(path, `its header claims ${length} bytes, but the file has only ${fileSize}`);
  }
  if (length > BigInt(maximalHeaderLength)) {
    throw safetensorsError(path, `its header claims ${length} bytes; ${maximalHeaderLength} are the limit`);
  }
  const bytes = new Uint8Array(Number(length));
  if (readFully(descriptor, bytes, 8) < bytes.length) throw safetensorsError(path, 'its header is cut short');
  return parseSafetensorsHeader(bytes, 8 + bytes.length, fileSize, path);
}

/**
 * Opens a safetensors file and validates its header strictly; numbers are read one tensor at a time.
 * @throws DraftError naming the file: `DRAFT_FILE_NOT_FOUND`, `DRAFT_SAFETENSORS_INVALID`, …
 * @see https://github.com/huggingface/safetensors#format
 */
export function openSafetensors(path: string): SafetensorsFile {
  let descriptor: number | null = null;
  const close = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  let header: SafetensorsHeader;
  try {
    const status = statSync(path);
    if (status.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    // A pipe or a device would block, or never end.
    if (!status.isFile()) throw safetensorsError(path, 'it is not a regular file');
    descriptor = openSync(path, 'r');
    header = readHeader(descriptor, status.size, path);
  } catch (cause) {
    close();
    throw explainFileError(cause, { action: 'read', path });
  }
  const { entries, metadata } = header;
  return {
    path,
    entries,
    metadata,
    read(name) {
      if (descriptor === null) {
        throw new DraftError('DRAFT_FILE_CLOSED', `${path} is closed: ${name} cannot be read from it.`);
      }
      const entry = entries.get(name);
      if (!entry) throw new DraftError('DRAFT_TENSOR_MISSING', `${path} holds no tensor called ${name}.`);
      let bytes: Uint8Array<ArrayBuffer>;
      let count: number;
      try {
        bytes = new Uint8Array(entry.byteLength);
        count = readFully(descriptor, bytes, entry.byteOffset);
      } catch (cause) {
        throw explainFileError(cause, { action: 'read', path, bytes: entry.byteLength });
      }
      if (count < bytes.length) {
        throw new DraftError('DRAFT_FILE_CHANGED', `${path} was cut short after it had been opened.`);
      }
      return bytes;
    },
    close,
  };
}
