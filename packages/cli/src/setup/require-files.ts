import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DraftError } from '@draft/core/plugins';

/**
 * Makes sure that files are there, as far as they were named.
 * @throws DraftError `DRAFT_FILE_NOT_FOUND` for the first that is not.
 */
export const requireFiles = (files: readonly (string | undefined)[], cwd: string): void => {
  for (const file of files) {
    if (file === undefined || existsSync(resolve(cwd, file))) continue;
    throw new DraftError('DRAFT_FILE_NOT_FOUND', `There is no file ${file}.`);
  }
};
