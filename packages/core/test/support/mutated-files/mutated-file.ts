import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeZip } from '../../provision/make-zip.js';
import { mutate } from './mutate.js';
import { readReferenceLegacy, readReferenceZip, type StoredTensor } from './reference-torch-file.js';
import { zipEntries } from './zip-entries.js';

/** A mutated file, and which tensors it has where it is loaded. */
export interface MutatedFile {
  readonly bytes: Buffer;
  readonly expected: () => ReadonlyMap<string, StoredTensor>;
  /** The tensors of the file that it was made from. */
  readonly original: ReadonlyMap<string, StoredTensor>;
}

const names = ['zip.pth', 'legacy.pth', 'zip-wrapped.ckpt', 'legacy-wrapped.ckpt', 'module.bin', 'float8.pt'];
const pickleName = 'archive/data.pkl';

const sources = names.map((name) => {
  const path = new URL(`../../fixtures/torch-files/${name}`, import.meta.url);
  const bytes = readFileSync(fileURLToPath(path));
  const isZip = bytes.subarray(0, 2).toString() === 'PK';
  const entries = isZip ? zipEntries(bytes) : new Map<string, Buffer>();
  const storages = new Map([...entries].map(([key, content]) => [key.replace('archive/data/', ''), content]));
  const pickle = entries.get(pickleName);
  const original = pickle ? readReferenceZip(pickle, storages) : readReferenceLegacy(bytes);
  return { bytes, entries, storages, pickle, original };
});

/** Makes a mutated file of one of the fixtures, in turn. */
export function mutatedFile(round: number, draw: (bound: number) => number): MutatedFile {
  const { bytes, entries, storages, pickle, original } = sources[round % sources.length]!;
  if (!pickle) {
    const mutated = mutate(bytes, draw);
    return { bytes: mutated, original, expected: () => readReferenceLegacy(mutated) };
  }
  // Checksums guard all that counts: whatever is loaded is what was there.
  if (draw(2) === 0) return { bytes: mutate(bytes, draw), original, expected: () => original };
  // Who means harm writes the right checksums.
  const mutated = mutate(pickle, draw);
  const files = [...entries].map(([name, content]) => ({
    name,
    content: name === pickleName ? mutated : content,
    deflate: false,
  }));
  return { bytes: makeZip(files), original, expected: () => readReferenceZip(mutated, storages) };
}
