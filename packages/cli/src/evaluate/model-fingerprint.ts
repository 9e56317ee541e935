import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { explainFileError } from '@draft/core';

const block = 64 * 1024;
/** Blocks of a large file that are looked at. */
const blocks = 64;

const filesOf = (path: string): readonly string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path, { withFileTypes: true })
        .filter(({ name }) => !name.startsWith('.'))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
          const own = join(path, entry.name);
          return entry.isDirectory() ? filesOf(own) : [own];
        })
    : [path];

/**
 * Tells a model from what it was before: the SHA-256 of the names and sizes of its files and of 64 blocks of each, evenly
 * spread, so that it takes no longer for large ones. Training changes every block.
 * @param path A folder or a file; files that begin with a dot do not count.
 * @throws DraftError where one cannot be read.
 */
export const modelFingerprint = (path: string): string => {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(block);
  try {
    for (const file of filesOf(path)) {
      const { size } = statSync(file);
      hash.update(`${relative(path, file)} ${size}\n`);
      const step = Math.max(block, Math.floor(size / blocks));
      const descriptor = openSync(file, 'r');
      try {
        for (let at = 0; at < size; at += step) {
          hash.update(buffer.subarray(0, readSync(descriptor, buffer, 0, block, at)));
        }
      } finally {
        closeSync(descriptor);
      }
    }
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  return hash.digest('hex');
};
