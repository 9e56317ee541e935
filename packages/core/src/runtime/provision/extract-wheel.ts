import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { DraftError } from '../../errors/draft-error.js';
import { explainFileError } from '../../files/explain-file-error.js';
import { readZipDirectory, type ZipEntry } from './zip-directory.js';

/** A file that was unpacked. */
export interface ExtractedFile {
  /** Path below the folder that it was unpacked into. */
  readonly path: string;
  readonly size: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** What to unpack, and who wants to know. */
export interface ExtractOptions {
  /** Chooses by the path inside the archive. */
  readonly wanted: (name: string) => boolean;
  /** Called with the bytes unpacked so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const localHeaderSize = 30;
const piece = 1 << 20;

const isInside = (name: string): boolean =>
  !name.startsWith('/') && !name.includes('\\') && !name.split('/').includes('..');

const dataStart = async (archive: FileHandle, entry: ZipEntry): Promise<number> => {
  const header = Buffer.alloc(localHeaderSize);
  await archive.read(header, 0, localHeaderSize, entry.offset);
  return entry.offset + localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
};

const extractEntry = async (
  archive: FileHandle,
  path: string,
  entry: ZipEntry,
  target: string,
  count: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> => {
  const damaged = (what: string) =>
    new DraftError('DRAFT_ARCHIVE_BROKEN', `${entry.name} in ${path} is damaged: ${what}.`);
  if (entry.method !== 0 && entry.method !== 8) throw damaged(`it is packed by method ${entry.method}`);
  const hash = createHash('sha256');
  let size = 0;
  let checksum = 0;
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      checksum = crc32(chunk, checksum);
      size += chunk.length;
      count(chunk.length);
      done(null, chunk);
    },
  });
  // Flushed before it is closed, as the whole folder is renamed at the end.
  const output = createWriteStream(target, {
    flags: 'wx',
    mode: entry.executable ? 0o755 : 0o644,
    highWaterMark: piece,
    flush: true,
  });
  const start = await dataStart(archive, entry);
  const source =
    entry.compressedSize === 0
      ? Readable.from([])
      : createReadStream(path, { start, end: start + entry.compressedSize - 1, highWaterMark: piece });
  const unpack = entry.method === 8 ? [createInflateRaw({ chunkSize: piece })] : [];
  await pipeline([source, ...unpack, watch, output] as never, signal ? { signal } : {});
  if (size !== entry.size) throw damaged(`${size} bytes instead of ${entry.size}`);
  if (checksum !== entry.crc32) throw damaged('its checksum is wrong');
  return hash.digest('hex');
};

/**
 * Unpacks files of a wheel (a zip archive) one after the other, a piece at a time, keeping their paths.
 * @throws DraftError `DRAFT_ARCHIVE_BROKEN` for a damaged archive, `DRAFT_DISK_FULL`, …
 */
export const extractWheel = async (
  path: string,
  folder: string,
  { wanted, onProgress, signal }: ExtractOptions,
): Promise<ExtractedFile[]> => {
  const archive = await open(path, 'r');
  try {
    const entries = (await readZipDirectory(archive, path)).filter(
      ({ name }) => !name.endsWith('/') && wanted(name),
    );
    const outside = entries.find(({ name }) => !isInside(name));
    if (outside) {
      throw new DraftError(
        'DRAFT_ARCHIVE_BROKEN',
        `${path} holds a file outside of itself: ${outside.name}.`,
      );
    }
    const total = entries.reduce((sum, entry) => sum + entry.size, 0);
    let done = 0;
    const count = (bytes: number) => {
      done += bytes;
      onProgress?.(done, total);
    };
    const files: ExtractedFile[] = [];
    for (const entry of entries) {
      const target = join(folder, entry.name);
      try {
        mkdirSync(dirname(target), { recursive: true });
        const sha256 = await extractEntry(archive, path, entry, target, count, signal);
        files.push({ path: entry.name, size: entry.size, sha256 });
      } catch (cause) {
        signal?.throwIfAborted();
        const { code = '' } = cause as NodeJS.ErrnoException;
        if (code.startsWith('Z_')) {
          throw new DraftError(
            'DRAFT_ARCHIVE_BROKEN',
            `${entry.name} in ${path} is damaged: it cannot be unpacked.`,
            {
              cause,
            },
          );
        }
        throw explainFileError(cause, { action: 'write', path: target, bytes: entry.size });
      }
    }
    return files;
  } finally {
    await archive.close();
  }
};
