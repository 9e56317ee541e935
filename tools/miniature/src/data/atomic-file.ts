import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A file that appears under its name only when it is whole. */
export interface AtomicFile {
  append(bytes: Uint8Array): void;
  /** Flushes it to disk, gives it its name and returns the SHA-256 of its bytes. */
  commit(): string;
  /** Removes what was written. */
  abandon(): void;
}

/** Begins a file beside its final place. */
export function createAtomicFile(path: string): AtomicFile {
  const temporary = `${path}.${process.pid}.part`;
  const descriptor = openSync(temporary, 'w');
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let held = 0;
  const flush = (): void => {
    const all = Buffer.concat(parts);
    for (let done = 0; done < all.length; ) done += writeSync(descriptor, all, done);
    parts.length = 0;
    held = 0;
  };
  return {
    append(bytes) {
      hash.update(bytes);
      parts.push(bytes);
      held += bytes.length;
      if (held > 8 << 20) flush();
    },
    commit() {
      flush();
      fsyncSync(descriptor);
      closeSync(descriptor);
      renameSync(temporary, path);
      return hash.digest('hex');
    },
    abandon() {
      closeSync(descriptor);
      rmSync(temporary, { force: true });
    },
  };
}
