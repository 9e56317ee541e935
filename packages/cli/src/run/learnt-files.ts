import { resolve } from 'node:path';
import { type AdaptableLayer, disposeAdapters, type Learnt, readLearnt } from '@draft/core';

/** A file that can be learnt from or drawn with, as a user names it. */
export interface LearntFile {
  readonly file: string;
}

/**
 * Reads what runs have learnt: LoRA files with the sampling weights beside them, or those by themselves. The adapters are
 * the caller's.
 * @param log Told of sampling weights that are missing.
 */
export const readLearntFiles = <File extends LearntFile>(
  files: readonly File[],
  layers: readonly AdaptableLayer[],
  cwd: string,
  log: (message: string) => void,
): readonly (Learnt & File)[] => {
  const read: (Learnt & File)[] = [];
  try {
    for (const each of files) {
      const learnt = readLearnt(resolve(cwd, each.file), layers);
      read.push({ ...learnt, ...each });
      if (learnt.missing === undefined) continue;
      log(
        `${each.file} was trained together with sampling weights in ${learnt.missing}, which is not there: it applies without them.`,
      );
    }
  } catch (error) {
    for (const { adapters } of read) disposeAdapters(adapters);
    throw error;
  }
  return read;
};
