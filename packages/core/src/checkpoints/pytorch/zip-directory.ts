import type { RandomAccessFile } from '../../files/random-access-file.js';
import { pytorchError, quoted } from './pytorch-error.js';

/** Where the bytes of one entry stand in the file. */
export interface ZipEntry {
  readonly name: string;
  readonly position: number;
  readonly size: number;
  /** Whether the bytes are the content itself, neither compressed nor encrypted. */
  readonly stored: boolean;
  /** CRC-32 of the content; 0 where none was written. */
  readonly checksum: number;
}

const [endMagic, locatorMagic, end64Magic, recordMagic, localMagic] = [
  0x06054b50, 0x07064b50, 0x06064b50, 0x02014b50, 0x04034b50,
];

/** A directory of a hundred thousand tensors has about 10 MB. */
const longestDirectory = 64 * 2 ** 20;

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the directory stands and how many records it has. */
function locateDirectory(file: RandomAccessFile) {
  const fault = (what: string) => pytorchError(file.path, what);
  // The end record is followed by a comment of at most 65535 bytes.
  const length = Math.min(file.size, 22 + 0xffff);
  const tailStart = file.size - length;
  const tail = view(file.read(tailStart, length));
  let at = length - 22;
  while (
    at >= 0 &&
    !(tail.getUint32(at, true) === endMagic && tail.getUint16(at + 20, true) === length - 22 - at)
  ) {
    at -= 1;
  }
  if (at < 0) throw fault('the directory at the end of its archive is missing; the file may be cut short');
  const small = {
    records: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    start: tail.getUint32(at + 16, true),
  };
  if (small.records !== 0xffff && small.size !== 0xffffffff && small.start !== 0xffffffff) return small;
  if (at < 20 || tail.getUint32(at - 20, true) !== locatorMagic) return small;
  const position = Number(tail.getBigUint64(at - 12, true));
  if (position > file.size - 56) throw fault('the directory of its archive lies outside the file');
  const end = view(file.read(position, 56));
  if (end.getUint32(0, true) !== end64Magic) throw fault('the directory of its archive is damaged');
  return {
    records: Number(end.getBigUint64(32, true)),
    size: Number(end.getBigUint64(40, true)),
    start: Number(end.getBigUint64(48, true)),
  };
}

/** The 64-bit numbers that stand in a record's extra field for those that do not fit the record. */
function wideNumbers(extra: DataView, narrow: readonly number[]): readonly number[] | undefined {
  if (!narrow.includes(0xffffffff)) return narrow;
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    const end = at + 4 + extra.getUint16(at + 2, true);
    let next = at + 4;
    const wide = narrow.map((value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return next <= end && end <= extra.byteLength ? Number(extra.getBigUint64(next - 8, true)) : Number.NaN;
    });
    return wide.every(Number.isSafeInteger) ? wide : undefined;
  }
  return undefined;
}

/**
 * Reads the directory of an archive and checks that each entry lies within the file and apart from the others.
 * @throws DraftError `DRAFT_PYTORCH_INVALID`.
 */
export function readZipDirectory(file: RandomAccessFile): ReadonlyMap<string, ZipEntry> {
  const fault = (what: string) => pytorchError(file.path, what);
  const { records, size, start } = locateDirectory(file);
  if (!(start + size <= file.size)) throw fault('the directory of its archive lies outside the file');
  if (size > longestDirectory) throw fault(`the directory of its archive has ${size} bytes`);
  const directory = file.read(start, size);
  const fields = view(directory);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let record = 0; record < records; record += 1) {
    if (at + 46 > size || fields.getUint32(at, true) !== recordMagic) {
      throw fault('the directory of its archive is damaged');
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      fields.getUint16(at + offset, true),
    ) as [number, number, number];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > size) throw fault('the directory of its archive is damaged');
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    const extraStart = at + 46 + nameLength;
    const numbers = wideNumbers(view(directory.subarray(extraStart, extraStart + extraLength)), [
      fields.getUint32(at + 24, true),
      fields.getUint32(at + 20, true),
      fields.getUint32(at + 42, true),
    ]);
    if (!numbers) throw fault('the directory of its archive is damaged');
    const [plain, packed, header] = numbers as [number, number, number];
    const encrypted = (fields.getUint16(at + 8, true) & 1) === 1;
    const stored = !encrypted && fields.getUint16(at + 10, true) === 0 && plain === packed;
    if (entries.has(name)) throw fault(`its archive holds ${quoted(name)} twice`);
    entries.set(name, {
      name,
      position: contentStart(file, header, name),
      size: packed,
      stored,
      checksum: fields.getUint32(at + 16, true),
    });
    at = next;
  }
  let covered = 0;
  for (const [name, entry] of [...entries].sort(([, a], [, b]) => a.position - b.position)) {
    if (entry.position < covered || entry.position + entry.size > start) {
      throw fault(`its entry ${quoted(name)} reaches beyond its place`);
    }
    covered = entry.position + entry.size;
  }
  return entries;
}

/** Where an entry's content begins: behind its own header, whose sizes PyTorch leaves empty. */
function contentStart(file: RandomAccessFile, header: number, name: string): number {
  if (header + 30 > file.size)
    throw pytorchError(file.path, `its entry ${quoted(name)} lies outside the file`);
  const local = view(file.read(header, 30));
  if (local.getUint32(0, true) !== localMagic) {
    throw pytorchError(file.path, `its entry ${quoted(name)} is damaged`);
  }
  return header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
}
