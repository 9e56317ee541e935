import { DraftError } from '../errors/draft-error.js';

const readable = (bytes: number) =>
  bytes < 1e6
    ? `${Math.max(1, Math.ceil(bytes / 1e3))} kB`
    : `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;

/** What was tried when the operating system refused. */
export interface FileAttempt {
  readonly action: 'read' | 'write';
  readonly path: string;
  /** Bytes that a write needs, where known. */
  readonly bytes?: number;
}

/** The error of the operating system as a DraftError: `DRAFT_DISK_FULL`, `DRAFT_FILE_NOT_FOUND`, … */
export function explainFileError(cause: unknown, { action, path, bytes }: FileAttempt): DraftError {
  if (DraftError.is(cause)) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? 'unknown error';
  const amount = bytes === undefined ? '' : ` (${readable(bytes)})`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const need =
        bytes === undefined ? 'There is no space left' : `${readable(bytes)} are needed and not free`;
      return new DraftError(
        'DRAFT_DISK_FULL',
        `${need} on the disk of ${path}: make room there and run again.`,
        {
          cause,
        },
      );
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new DraftError(
        'DRAFT_FILE_PERMISSION',
        `${path} cannot be ${action === 'read' ? 'read' : 'written'}${amount}: no permission (${code}).`,
        { cause },
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new DraftError(
        'DRAFT_FILE_NOT_FOUND',
        action === 'read'
          ? `There is no file ${path}.`
          : `${path} cannot be written${amount}: its folder does not exist.`,
        { cause },
      );
    case 'EISDIR':
      return new DraftError('DRAFT_FILE_IS_FOLDER', `${path} is a folder where a file was expected.`, {
        cause,
      });
    default:
      return new DraftError(
        'DRAFT_FILE_FAILED',
        `${path} cannot be ${action === 'read' ? 'read' : 'written'}${amount}: ${code}.`,
        { cause },
      );
  }
}
