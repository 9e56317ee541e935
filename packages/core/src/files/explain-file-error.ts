import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DraftError } from '../errors/draft-error.js';

/** What was tried when the operating system refused. */
export interface FileAttempt {
  readonly action: 'read' | 'write';
  readonly path: string;
  /** Bytes that a write needs, where known. */
  readonly bytes?: number;
}

function readable(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function fullDisk(path: string, bytes: number | undefined): string {
  const folder = dirname(path);
  let free = '';
  try {
    const { bavail, bsize } = statfsSync(folder);
    free = `, where ${readable(bavail * bsize)} are free`;
  } catch {
    // The sentence is clear without it.
  }
  const need = bytes === undefined ? 'more space' : readable(bytes);
  return `The disk is full: ${path} needs ${need} in ${folder}${free}. Make room and run again.`;
}

/** The error of the operating system as a DraftError: `DRAFT_DISK_FULL`, `DRAFT_FILE_NOT_FOUND`, … */
export function explainFileError(cause: unknown, { action, path, bytes }: FileAttempt): DraftError {
  if (DraftError.is(cause)) return cause;
  const { code = String(cause) } = cause as NodeJS.ErrnoException;
  const attempt = `${path} cannot be ${action === 'read' ? 'read' : 'written'}`;
  const as = (name: string, message: string) => new DraftError(name, message, { cause });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return as('DRAFT_DISK_FULL', fullDisk(path, bytes));
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return as(
        'DRAFT_FILE_PERMISSION',
        `${attempt}: there is no permission (${code}). Choose another place.`,
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return action === 'read'
        ? as('DRAFT_FILE_NOT_FOUND', `There is no file ${path}.`)
        : as(
            'DRAFT_FILE_NOT_FOUND',
            `${attempt}: ${code === 'ENOENT' ? 'its folder does not exist' : 'a part of its path is a file'}.`,
          );
    case 'EOF':
      return as('DRAFT_FILE_CHANGED', `${path} was cut short after it had been opened.`);
    case 'ENOMEM':
      return as(
        'DRAFT_FILE_FAILED',
        `${attempt}: there is not enough memory. Close other programs and run again.`,
      );
    case 'EISDIR':
      return as('DRAFT_FILE_IS_FOLDER', `${path} is a folder; a file is expected there.`);
    default:
      return as('DRAFT_FILE_FAILED', `${attempt}: ${code}.`);
  }
}
