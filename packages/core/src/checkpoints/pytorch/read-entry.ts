import { crc32 } from 'node:zlib';
import type { RandomAccessFile } from '../../files/random-access-file.js';
import { pytorchError, quoted } from './pytorch-error.js';
import type { ZipEntry } from './zip-directory.js';

/** Reads `length` bytes of an entry, from `offset` on. */
export type EntryReader = (entry: ZipEntry, offset?: number, length?: number) => Uint8Array<ArrayBuffer>;

const chunk = 4 * 2 ** 20;

/**
 * Makes a reader that compares each entry as a whole with its checksum, once, before anything of it is given out.
 * Where only a part is wanted, the rest passes through in pieces. PyTorch writes 0 where it is told to compute no
 * checksums (`set_crc32_options`), or to leave storages for later (`skip_data`): nothing can be compared then.
 * @throws DraftError from its calls: `DRAFT_PYTORCH_INVALID` with the entry's name.
 */
export function createEntryReader(file: RandomAccessFile): EntryReader {
  const sound = new Set<ZipEntry>();
  const compare = (entry: ZipEntry, found: number) => {
    if (found !== entry.checksum) {
      throw pytorchError(
        file.path,
        `its entry ${quoted(entry.name)} is damaged, as its checksum (CRC-32) is another; download or copy it again`,
      );
    }
    sound.add(entry);
  };
  return (entry, offset = 0, length = entry.size) => {
    const unknown = entry.checksum !== 0 && !sound.has(entry);
    if (unknown && length < entry.size) {
      let found = 0;
      for (let at = 0; at < entry.size; at += chunk)
        found = crc32(file.read(entry.position + at, Math.min(chunk, entry.size - at)), found);
      compare(entry, found);
    }
    const bytes = file.read(entry.position + offset, length);
    if (unknown && length === entry.size) compare(entry, crc32(bytes));
    return bytes;
  };
}
