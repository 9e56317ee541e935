import { replaceFile } from './replace-file.js';

/**
 * Writes a whole file so that it is there completely or not at all, also when the process is killed.
 * @throws DraftError `DRAFT_DISK_FULL` saying how much is needed and where, `DRAFT_FILE_PERMISSION`, …
 */
export function writeFileAtomically(path: string, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  replaceFile(path, bytes.length, (append) => append(bytes));
}
