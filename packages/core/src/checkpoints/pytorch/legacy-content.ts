import type { RandomAccessFile } from '../../files/random-access-file.js';
import { createPickleInput } from './pickle-input.js';
import { isKind, type PickleStorage, type PickleValue } from './pickle-value.js';
import type { PytorchContent } from './pytorch-content.js';
import { pytorchError, quoted } from './pytorch-error.js';
import { storageBytes } from './storage-bytes.js';
import { type StorageTable, unpickle } from './unpickle.js';

const magic = 0x1950a86a20f9469cfc6cn;
const version = 1001;

const item = (value: PickleValue, key: string): PickleValue | undefined =>
  isKind(value, 'dict') ? value.items.get(key) : undefined;

/**
 * Reads a file as PyTorch wrote it before 1.6: five pickles, then each storage behind the number of its numbers.
 * @throws DraftError `DRAFT_PYTORCH_INVALID` or `DRAFT_PYTORCH_REFUSED`.
 */
export function readLegacyContent(file: RandomAccessFile): PytorchContent {
  const { path, size } = file;
  let position = 0;
  const next = (storages: StorageTable): PickleValue => {
    const input = createPickleInput(path, file.read, position, size);
    const value = unpickle(input, storages);
    position = input.position();
    return value;
  };
  const plain: StorageTable = new Map();
  if (next(plain) !== magic) throw pytorchError(path, 'it does not begin like one');
  if (next(plain) !== version) throw pytorchError(path, 'its format has an unknown version');
  if (item(next(plain), 'little_endian') !== true)
    throw pytorchError(path, 'its numbers are not little-endian');
  const storages: StorageTable = new Map();
  const root = next(storages);
  const keys = next(plain);
  if (!isKind(keys, 'list')) throw pytorchError(path, 'it does not list its storages');
  const places = new Map<string, number>();
  for (const key of keys.items) {
    const storage: PickleStorage | undefined = typeof key === 'string' ? storages.get(key) : undefined;
    if (typeof key !== 'string' || !storage || places.has(key)) {
      throw pytorchError(path, `it lists a storage ${quoted(String(key))} that its pickle does not describe`);
    }
    if (position + 8 > size) throw pytorchError(path, 'it is cut short');
    const count = new DataView(file.read(position, 8).buffer).getBigInt64(0, true);
    if (count !== BigInt(storage.count)) {
      throw pytorchError(
        path,
        `storage ${quoted(key)} has ${count} numbers, but ${storage.count} by its description`,
      );
    }
    const end = position + 8 + storageBytes(storage);
    if (end > size) throw pytorchError(path, `storage ${quoted(key)} is cut short`);
    places.set(key, position + 8);
    position = end;
  }
  for (const key of storages.keys()) {
    if (!places.has(key)) throw pytorchError(path, `storage ${quoted(key)} is missing`);
  }
  return { root, read: ({ key }, offset, length) => file.read(places.get(key)! + offset, length) };
}
