import type { RandomAccessFile } from '../../files/random-access-file.js';
import { createPickleInput, longestPickle } from './pickle-input.js';
import type { PytorchContent } from './pytorch-content.js';
import { pytorchError, pytorchRefusal, quoted } from './pytorch-error.js';
import { createEntryReader } from './read-entry.js';
import { storageBytes } from './storage-bytes.js';
import { type StorageTable, unpickle } from './unpickle.js';
import { readZipDirectory, type ZipEntry } from './zip-directory.js';

const pickleName = /^([^/]+)\/data\.pkl$/;

/**
 * Reads a file as PyTorch has written it since 1.6: an archive of a pickle and of the storages.
 * @throws DraftError `DRAFT_PYTORCH_INVALID` or `DRAFT_PYTORCH_REFUSED`.
 */
export function readZipContent(file: RandomAccessFile): PytorchContent {
  const { path } = file;
  const entries = readZipDirectory(file);
  const roots = [...entries.keys()].flatMap((name) => pickleName.exec(name)?.[1] ?? []);
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw pytorchError(path, `its archive holds ${roots.length} pickles called data.pkl, not one`);
  }
  const isScript = [...entries.keys()].some((name) => name.startsWith(`${root}/code/`));
  if (isScript || entries.has(`${root}/constants.pkl`)) {
    throw pytorchRefusal(path, 'is a TorchScript archive and holds code');
  }
  const read = createEntryReader(file);
  const stored = (name: string): ZipEntry | undefined => {
    const entry = entries.get(`${root}/${name}`);
    // PyTorch compresses nothing but code.
    if (entry && !entry.stored) throw pytorchError(path, `its entry ${quoted(name)} is compressed`);
    return entry;
  };
  const order = stored('byteorder');
  if (order && (order.size !== 6 || new TextDecoder().decode(read(order)) !== 'little')) {
    throw pytorchError(path, 'its numbers are not little-endian');
  }
  const pickle = stored('data.pkl')!;
  if (pickle.size > longestPickle) {
    throw pytorchError(path, `its pickle has more than ${longestPickle / 2 ** 20} MiB`);
  }
  const bytes = read(pickle);
  const storages: StorageTable = new Map();
  const value = unpickle(
    createPickleInput(path, (at, length) => bytes.subarray(at, at + length), 0, bytes.length),
    storages,
  );
  const places = new Map<string, ZipEntry>();
  for (const storage of storages.values()) {
    const entry = stored(`data/${storage.key}`);
    const expected = storageBytes(storage);
    if (!entry) throw pytorchError(path, `storage ${quoted(storage.key)} is missing from its archive`);
    if (entry.size !== expected) {
      throw pytorchError(
        path,
        `storage ${quoted(storage.key)} has ${entry.size} bytes, but ${expected} by its description`,
      );
    }
    places.set(storage.key, entry);
  }
  return { root: value, read: ({ key }, offset, length) => read(places.get(key)!, offset, length) };
}
