import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What files and folders are called that take their name only when they are complete. */
const unfinished = /^\..+\.\d+(\.\d+)?\.part$/;

/** Removes what a process that was killed left half-written in a run's folder, in which no other process works now. */
export const removeUnfinished = (folder: string): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (unfinished.test(entry.name)) rmSync(path, { recursive: true, force: true });
    else if (entry.isDirectory()) removeUnfinished(path);
  }
};
