import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from './explain-file-error.js';

/** An open file that is read in pieces. */
export interface RandomAccessFile {
  readonly path: string;
  /** Bytes that the file had when it was opened. */
  readonly size: number;
  /**
   * Reads `length` bytes from `position`, into an array of their own.
   * @throws DraftError `DRAFT_FILE_CLOSED`; `DRAFT_FILE_CHANGED` where the file ends before.
   */
  read(position: number, length: number): Uint8Array<ArrayBuffer>;
  /**
   * What the operating system calls the open file.
   * @throws DraftError `DRAFT_FILE_CLOSED`.
   */
  descriptor(): number;
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

/**
 * Opens a regular file for reading.
 * @throws DraftError `DRAFT_FILE_NOT_FOUND`, `DRAFT_FILE_IS_FOLDER`, `DRAFT_FILE_IRREGULAR`, …
 */
export function openRandomAccess(path: string): RandomAccessFile {
  let descriptor: number | null = null;
  let size: number;
  try {
    const status = statSync(path);
    if (status.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    // A pipe or a device would block, or never end.
    if (!status.isFile()) throw new DraftError('DRAFT_FILE_IRREGULAR', `${path} is not a regular file.`);
    size = status.size;
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  const opened = (): number => {
    if (descriptor !== null) return descriptor;
    throw new DraftError('DRAFT_FILE_CLOSED', `${path} is closed: nothing can be read from it.`);
  };
  return {
    path,
    size,
    descriptor: opened,
    read(position, length) {
      const from = opened();
      try {
        const bytes = new Uint8Array(length);
        if (readFully(from, bytes, position) < length) throw Object.assign(new Error(), { code: 'EOF' });
        return bytes;
      } catch (cause) {
        throw explainFileError(cause, { action: 'read', path, bytes: length });
      }
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
