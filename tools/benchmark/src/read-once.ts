import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Setup } from './setup.js';

/** Reads all files of a checkpoint, so that the side which starts first does not wait for the disk alone. */
export const readOnce = async (setupFile: string): Promise<void> => {
  const { model } = JSON.parse(readFileSync(setupFile, 'utf8')) as Setup;
  const entries = readdirSync(model, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    for await (const _ of createReadStream(join(entry.parentPath, entry.name), { highWaterMark: 1 << 22 }));
  }
};
