import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the files below a folder; 0 where it does not exist. Files that vanish meanwhile count as nothing. */
export const folderSize = (folder: string): number => {
  let size = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) size += folderSize(path);
      else if (entry.isFile()) size += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    // Not there, or gone while it was read.
  }
  return size;
};
