import type { FileHandle } from 'node:fs/promises';
import { DraftError } from '../../errors/draft-error.js';

/** One file inside a zip archive. */
export interface ZipEntry {
  /** Path inside the archive, with forward slashes. */
  readonly name: string;
  /** 0 is stored, 8 is deflated. */
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
  /** Whether it was a program where it was packed. */
  readonly executable: boolean;
}

const signature = { entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
const endSize = 22;
const locatorSize = 20;
const full32 = 0xffffffff;

const broken = (path: string, what: string) =>
  new DraftError('DRAFT_ARCHIVE_BROKEN', `${path} is not a whole zip archive: ${what}.`);

const read = async (file: FileHandle, path: string, from: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, from);
  if (bytesRead !== length) throw broken(path, 'it ends too early');
  return buffer;
};

/** Sizes and offsets that do not fit into 32 bits, from the extra fields. (APPNOTE.TXT, 4.5.3.) */
const widen = (extra: Buffer, values: readonly number[]): number[] => {
  let wide: Buffer | undefined;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) wide = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  let next = 0;
  return values.map((value) => {
    if (value !== full32 || !wide || next + 8 > wide.length) return value;
    next += 8;
    return Number(wide.readBigUInt64LE(next - 8));
  });
};

/** Where the list of entries lies, from the end of the archive. */
const locate = async (file: FileHandle, path: string, size: number) => {
  const tailLength = Math.min(size, endSize + 0xffff + locatorSize);
  const tail = await read(file, path, size - tailLength, tailLength);
  let at = tail.length - endSize;
  while (at >= 0 && tail.readUInt32LE(at) !== signature.end) at -= 1;
  if (at < 0) throw broken(path, 'it has no list of files');
  const narrow = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const locator = at - locatorSize;
  if (locator < 0 || tail.readUInt32LE(locator) !== signature.locator64) return narrow;
  const end64 = await read(file, path, Number(tail.readBigUInt64LE(locator + 8)), 56);
  if (end64.readUInt32LE(0) !== signature.end64) throw broken(path, 'its list of files cannot be found');
  return {
    count: Number(end64.readBigUInt64LE(32)),
    length: Number(end64.readBigUInt64LE(40)),
    offset: Number(end64.readBigUInt64LE(48)),
  };
};

/**
 * Lists the files of a zip archive, also of one with 64-bit sizes.
 * @param path For messages.
 * @throws DraftError `DRAFT_ARCHIVE_BROKEN`.
 */
export const readZipDirectory = async (file: FileHandle, path: string): Promise<ZipEntry[]> => {
  const { size } = await file.stat();
  if (size < endSize) throw broken(path, `it has ${size} bytes`);
  const { count, length, offset } = await locate(file, path, size);
  if (offset + length > size) throw broken(path, 'its list of files lies beyond its end');
  const list = await read(file, path, offset, length);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > list.length || list.readUInt32LE(at) !== signature.entry) {
      throw broken(path, 'its list of files is damaged');
    }
    const nameEnd = at + 46 + list.readUInt16LE(at + 28);
    const extraEnd = nameEnd + list.readUInt16LE(at + 30);
    const [entrySize, compressedSize, entryOffset] = widen(list.subarray(nameEnd, extraEnd), [
      list.readUInt32LE(at + 24),
      list.readUInt32LE(at + 20),
      list.readUInt32LE(at + 42),
    ]) as [number, number, number];
    entries.push({
      name: list.toString('utf8', at + 46, nameEnd),
      method: list.readUInt16LE(at + 10),
      crc32: list.readUInt32LE(at + 16),
      compressedSize,
      size: entrySize,
      offset: entryOffset,
      executable: ((list.readUInt32LE(at + 38) >>> 16) & 0o100) !== 0,
    });
    at = extraEnd + list.readUInt16LE(at + 32);
  }
  return entries;
};
