import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DraftError } from '@draft/core/plugins';
import { pictureEndings } from './read-picture.js';

/**
 * The files that `--images` means: those that are named, and in their order the pictures of folders.
 * @throws DraftError `DRAFT_FILE_NOT_FOUND` where there is none.
 */
export const listPictures = (given: readonly string[], cwd: string): readonly string[] =>
  given.flatMap((item) => {
    const found = statSync(resolve(cwd, item), { throwIfNoEntry: false });
    if (found === undefined) throw new DraftError('DRAFT_FILE_NOT_FOUND', `There is no picture ${item}.`);
    if (!found.isDirectory()) return [item];
    const names = readdirSync(resolve(cwd, item))
      .filter((name) => pictureEndings.test(name))
      .sort();
    if (names.length > 0) return names.map((name) => join(item, name));
    throw new DraftError(
      'DRAFT_FILE_NOT_FOUND',
      `There is no picture in ${item}: it reads PNG, JPEG and WebP.`,
    );
  });
