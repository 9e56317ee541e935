import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { legacyPreamble, type PickledTensor, pickleKeys, pickleStateDict } from './pickle-state-dict.js';

/** A tensor to write, whose numbers are made when their turn comes. */
export interface PytorchTensor extends PickledTensor {
  readonly data: () => Uint8Array;
}

/** How a file of PyTorch is laid out. */
export interface PytorchLayout {
  /** Five pickles and bare storages, as before PyTorch 1.6, instead of an archive. */
  readonly legacy: boolean;
  /** The name under which the state dict stands; absent, it is the whole. */
  readonly wrapper?: string | undefined;
}

/** Contents begin at multiples of this. */
const alignment = 64;

const localHeader = (name: Buffer, padding: number): Buffer => {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  // Sizes and checksum stand in the directory alone, names are UTF-8.
  header.writeUInt16LE(0x0808, 6);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(padding, 28);
  const extra = Buffer.alloc(padding, 'Z');
  extra.write('FB');
  extra.writeUInt16LE(padding - 4, 2);
  return Buffer.concat([header, name, extra]);
};

const directoryEntry = (name: Buffer, size: number, checksum: number, offset: number): Buffer => {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(0x0808, 8);
  entry.writeUInt32LE(checksum, 16);
  entry.writeUInt32LE(size, 20);
  entry.writeUInt32LE(size, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
};

/** An archive of stored entries below 4 GB, one after the other. */
function writeArchive(
  write: (bytes: Uint8Array) => void,
  entries: readonly (readonly [string, () => Uint8Array])[],
) {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, data] of entries) {
    const name = Buffer.from(`archive/${path}`);
    const bare = offset + 30 + name.length + 4;
    const header = localHeader(name, 4 + ((alignment - (bare % alignment)) % alignment));
    const content = data();
    const checksum = crc32(content);
    const descriptor = Buffer.alloc(16);
    descriptor.writeUInt32LE(0x08074b50, 0);
    descriptor.writeUInt32LE(checksum, 4);
    descriptor.writeUInt32LE(content.length, 8);
    descriptor.writeUInt32LE(content.length, 12);
    for (const part of [header, content, descriptor]) write(part);
    directory.push(directoryEntry(name, content.length, checksum, offset));
    offset += header.length + content.length + descriptor.length;
    if (offset >= 2 ** 32)
      throw new Error('the archive would be of 4 GB or more, which needs longer records');
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  write(list);
  write(end);
}

/** Writes a state dict as `torch.save` does, one tensor at a time. */
export function writePytorch(path: string, tensors: readonly PytorchTensor[], layout: PytorchLayout): void {
  const file = openSync(path, 'w');
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += writeSync(file, bytes, at));
  };
  try {
    const pickle = pickleStateDict(tensors, layout);
    if (layout.legacy) {
      for (const part of [legacyPreamble(), pickle, pickleKeys(tensors.length)]) write(part);
      for (const { shape, data } of tensors) {
        const count = Buffer.alloc(8);
        count.writeBigInt64LE(BigInt(shape.reduce((a, b) => a * b, 1)));
        write(count);
        write(data());
      }
    } else {
      writeArchive(write, [
        ['data.pkl', () => pickle],
        ['byteorder', () => Buffer.from('little')],
        ...tensors.map(({ data }, i) => [`data/${i}`, data] as const),
        ['version', () => Buffer.from('3\n')],
      ]);
    }
  } finally {
    closeSync(file);
  }
}
