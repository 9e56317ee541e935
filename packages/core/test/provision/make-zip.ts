import { crc32, deflateRawSync } from 'node:zlib';

/** A file to pack. */
export interface ZipFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** @default true */
  readonly deflate?: boolean;
  /** @default 0o644 */
  readonly mode?: number;
}

const full32 = 0xffffffff;

/** Packs files as a zip archive, small enough to check by eye. With `wide`, all sizes and offsets take 64 bits. */
export const makeZip = (files: readonly ZipFile[], { wide = false } = {}): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, deflate = true, mode = 0o644 } of files) {
    const data = Buffer.from(content as Uint8Array);
    const packed = deflate ? deflateRawSync(data) : data;
    const label = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(deflate ? 8 : 0, 8);
    local.writeUInt32LE(crc32(data), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(label.length, 26);
    parts.push(local, label, packed);

    const extra = Buffer.alloc(wide ? 28 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(data.length), 4);
      extra.writeBigUInt64LE(BigInt(packed.length), 12);
      extra.writeBigUInt64LE(BigInt(offset), 20);
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(deflate ? 8 : 0, 10);
    entry.writeUInt32LE(crc32(data), 16);
    entry.writeUInt32LE(wide ? full32 : packed.length, 20);
    entry.writeUInt32LE(wide ? full32 : data.length, 24);
    entry.writeUInt16LE(label.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(wide ? full32 : offset, 42);
    directory.push(entry, label, extra);
    offset += 30 + label.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  for (const at of [8, 10]) end.writeUInt16LE(wide ? 0xffff : files.length, at);
  end.writeUInt32LE(wide ? full32 : list.length, 12);
  end.writeUInt32LE(wide ? full32 : offset, 16);
  if (!wide) return Buffer.concat([...parts, list, end]);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  for (const at of [24, 32]) end64.writeBigUInt64LE(BigInt(files.length), at);
  end64.writeBigUInt64LE(BigInt(list.length), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + list.length), 8);
  return Buffer.concat([...parts, list, end64, locator, end]);
};
