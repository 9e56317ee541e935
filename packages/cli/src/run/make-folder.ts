import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DraftError, explainFileError } from '@draft/core';

/** @throws DraftError `DRAFT_OUTPUT_FILE` where a file stands in the place of an output folder. */
export const refuseFile = (path: string): void => {
  let isFile: boolean | undefined;
  try {
    isFile = statSync(path, { throwIfNoEntry: false })?.isFile();
  } catch (cause) {
    throw explainFileError(cause, { action: 'write', path });
  }
  if (!isFile) return;
  throw new DraftError('DRAFT_OUTPUT_FILE', `${path} is a file, not a folder: choose another --output.`);
};

/**
 * Makes a folder and those above it. Node's own `recursive` never returns where a folder is there but takes no
 * other into it, as `/proc` does.
 */
const makeAll = (path: string): void => {
  if (existsSync(path)) return;
  makeAll(dirname(path));
  try {
    mkdirSync(path);
  } catch (cause) {
    // Another process may have been quicker.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
};

/** Makes an output folder, and those above it, where they are not there yet. */
export const makeFolder = (path: string): void => {
  refuseFile(path);
  try {
    makeAll(path);
  } catch (cause) {
    throw explainFileError(cause, { action: 'write', path });
  }
};
