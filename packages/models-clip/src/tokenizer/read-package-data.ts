import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { DraftError } from '@draft/core';

/** Finds a file of the folder `data` above this file, which lies in `src/…` or is bundled into `dist`. */
function find(name: string): string {
  const file = join('data', name);
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, file))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new DraftError(
        'DRAFT_PACKAGE_INCOMPLETE',
        'The folder `data` of @draft/model-clip is missing: install the package again.',
      );
    }
    folder = parent;
  }
  return join(folder, file);
}

/**
 * The text of a compressed file that comes with this package.
 * @throws DraftError `DRAFT_PACKAGE_INCOMPLETE` where it is missing.
 */
export const readPackageData = (name: string): string =>
  gunzipSync(readFileSync(find(name))).toString('utf8');
