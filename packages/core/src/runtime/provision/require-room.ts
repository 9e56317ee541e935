import { statfsSync } from 'node:fs';
import { DraftError } from '../../errors/draft-error.js';

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/**
 * Checks that a disk has room before anything is downloaded.
 * @throws DraftError `DRAFT_DISK_FULL`.
 */
export const requireRoom = (folder: string, bytes: number, what: string): void => {
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(folder);
    free = bavail * bsize;
  } catch {
    return; // Some file systems do not tell.
  }
  if (free >= bytes) return;
  throw new DraftError(
    'DRAFT_DISK_FULL',
    `${what} needs ${gigabytes(bytes)} in ${folder}, where ${gigabytes(free)} are free: make room, or set DRAFT_CACHE to a folder on another disk, and run again.`,
  );
};
