import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { explainFileError } from './explain-file-error.js';

/** One call to the operating system transfers less than 2 GiB. */
const chunk = 1 << 30;

let serial = 0;

/** Writes all of `bytes` at the end of an open file. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, Math.min(chunk, bytes.length - done));
  }
}

/** Makes a rename last through a power cut, where the system allows it. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows and some network file systems cannot; the content itself is safe by now.
  }
}

/**
 * Replaces a file piece by piece and all at once: the pieces go to a temporary file beside it, which takes its
 * name only when everything is on the disk. A reader sees the old file or the new one, never a part.
 * @param size Bytes that will be written, for the message where they do not fit.
 * @throws DraftError `DRAFT_DISK_FULL`, `DRAFT_FILE_PERMISSION`, `DRAFT_FILE_NOT_FOUND`, …
 */
export function replaceFile(
  path: string,
  size: number,
  produce: (append: (bytes: Uint8Array) => void) => void,
): void {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${serial++}.part`);
  let descriptor: number | null = null;
  try {
    const file = openSync(temporary, 'wx');
    descriptor = file;
    produce((bytes) => writeFully(file, bytes));
    fsyncSync(file);
    closeSync(file);
    descriptor = null;
    renameSync(temporary, path);
  } catch (cause) {
    // First the reason: what removing the file frees would no longer be missing.
    const reason = explainFileError(cause, { action: 'write', path, bytes: size });
    if (descriptor !== null) closeSync(descriptor);
    rmSync(temporary, { force: true });
    throw reason;
  }
  syncFolder(folder);
}
