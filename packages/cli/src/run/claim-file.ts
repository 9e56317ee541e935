import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DraftError, explainFileError } from '@draft/core';
import { makeFolder } from './make-folder.js';

/**
 * Makes the folder of an output file where there is none.
 * @throws DraftError `DRAFT_FILE_IS_FOLDER` where a folder stands in the place of the file.
 */
export const claimFile = (path: string): void => {
  let isFolder: boolean | undefined;
  try {
    isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  } catch (cause) {
    throw explainFileError(cause, { action: 'write', path });
  }
  if (isFolder)
    throw new DraftError('DRAFT_FILE_IS_FOLDER', `${path} is a folder, not a file: choose another --output.`);
  makeFolder(dirname(path));
};
