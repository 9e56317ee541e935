import { statSync } from 'node:fs';
import { DraftError, explainFileError, makeFolder as makeAnyFolder } from '@draft/core';

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

/** Makes an output folder, and those above it, where they are not there yet. */
export const makeFolder = (path: string): void => {
  refuseFile(path);
  makeAnyFolder(path);
};
