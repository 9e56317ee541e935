import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { explainFileError } from './explain-file-error.js';

// Node's own `recursive` never returns where a folder is there but takes no other into it, as `/proc` does.
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

/** Makes a folder, and those above it, where they are not there yet. @throws DraftError that names the folder. */
export const makeFolder = (path: string): void => {
  try {
    makeAll(path);
  } catch (cause) {
    throw explainFileError(cause, { action: 'write', path });
  }
};
