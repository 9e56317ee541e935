import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DraftError } from '../errors/draft-error.js';
import { findPackageDirectory, realPath } from '../plugins/package-json.js';

const prefix = 'npm:';

/** Whether a text names a file or folder of an installed package: `npm:name/path`. */
export const isPackageReference = (text: string): boolean => text.startsWith(prefix);

/** Folders from which installed packages are looked for: the user's, the running program's, and this package's. */
const startingFolders = (): readonly string[] => [
  process.cwd(),
  dirname(realPath(process.argv[1] ?? '') ?? process.cwd()),
  dirname(fileURLToPath(import.meta.url)),
];

/**
 * The path that `npm:name/path` or `npm:@scope/name/path` means: a file or folder inside an installed package.
 * @param from Folders from which upward `node_modules` is looked into, the first first.
 * @throws DraftError `DRAFT_REFERENCE_INVALID` or `DRAFT_FILE_NOT_FOUND`.
 */
export const packagePath = (text: string, from: readonly string[] = startingFolders()): string => {
  const match = /^npm:((?:@[a-z0-9._~-]+\/)?[a-z0-9_~-][a-z0-9._~-]*)(?:\/(.*))?$/.exec(text);
  const [, name, path = ''] = match ?? [];
  if (name === undefined || isAbsolute(path) || relative('.', path).startsWith('..')) {
    throw new DraftError(
      'DRAFT_REFERENCE_INVALID',
      `"${text}" names no checkpoint: one of an installed package is written npm:name/path.`,
    );
  }
  for (const folder of from) {
    const directory = findPackageDirectory(name, folder);
    if (directory === undefined) continue;
    const found = join(directory, path);
    if (existsSync(found)) return found;
    throw new DraftError(
      'DRAFT_FILE_NOT_FOUND',
      `The package ${name} holds no ${path}; it lies in ${directory}.`,
    );
  }
  throw new DraftError(
    'DRAFT_FILE_NOT_FOUND',
    `The package ${name} is not installed, so there is no ${text}: npm i ${name}`,
  );
};
