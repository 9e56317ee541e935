import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DraftError, openCheckpoint, openSafetensors } from '@draft/core';
import { afterAll, describe, expect, it } from 'vitest';
import { makeZip } from '../provision/make-zip.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/torch-files/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'draft-pytorch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Pickles of protocol 2, put together by hand. */
const pickle = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    Buffer.from('.'),
  ]);
const text = (value: string): string => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;

/** A file in the older format around a pickle of its content. */
function legacy(name: string, content: Buffer, storages: Buffer = pickle(']')): string {
  const magic = pickle([0x8a, 10], [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);
  const system = pickle('}', text('little_endian'), [0x88], 's');
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([magic, pickle('M', [0xe9, 3]), system, content, storages]));
  return path;
}

const message = (path: string): string => {
  try {
    openCheckpoint(path).close();
  } catch (cause) {
    expect(cause).toBeInstanceOf(DraftError);
    return `${(cause as DraftError).code} ${(cause as DraftError).message}`;
  }
  return 'opened';
};

describe.each(['zip.pth', 'zip-unchecked.pth', 'legacy.pth', 'zip-wrapped.ckpt', 'legacy-wrapped.ckpt'])(
  '%s',
  (name) => {
    it('holds the tensors, bit by bit, that the same program wrote as safetensors', () => {
      const expected = openSafetensors(fixture('state.safetensors'));
      const file = openCheckpoint(fixture(name));
      expect(new Set(file.entries.keys())).toEqual(new Set(expected.entries.keys()));
      for (const [tensor, { dtype, shape, byteLength }] of expected.entries) {
        expect(file.entries.get(tensor)).toEqual({ dtype, shape, byteLength });
        expect([tensor, file.read(tensor)]).toEqual([tensor, expected.read(tensor)]);
      }
      expect(() => file.read('other')).toThrow('holds no tensor called other');
      file.close();
      file.close();
      expect(() => file.read('plain')).toThrow('is closed');
      expected.close();
    });
  },
);

it("takes a module's state dict, and 8-bit numbers", () => {
  const file = openCheckpoint(fixture('module.bin'));
  expect([...file.entries].map(([key, { dtype, shape }]) => `${key} ${dtype} [${shape}]`)).toEqual([
    '0.weight F32 [3,4]',
    '0.bias F32 [3]',
    '1.weight F32 [3]',
    '1.bias F32 [3]',
    '1.running_mean F32 [3]',
    '1.running_var F32 [3]',
    '1.num_batches_tracked I64 []',
  ]);
  file.close();
  const small = openCheckpoint(fixture('float8.pt'));
  expect(small.entries.get('x')).toEqual({ dtype: 'F8_E5M2', shape: [2], byteLength: 2 });
  small.close();
});

describe('a storage of an archive', () => {
  const original = readFileSync(fixture('zip.pth'));
  const state = openSafetensors(fixture('state.safetensors'));
  afterAll(() => state.close());
  /** A file with one bit changed in the bytes that a tensor has there. */
  const damagedAt = (tensor: string, add = 0): string => {
    const at = original.indexOf(state.read(tensor));
    expect(at).toBeGreaterThan(0);
    const bytes = Buffer.from(original);
    bytes[at + add]! ^= 0x40;
    const path = join(folder, `damaged-${tensor}-${add}.pth`);
    writeFileSync(path, bytes);
    return path;
  };
  const refusal = /is not a PyTorch file that can be read: its entry "zip\/data\/\d+" is damaged, .*CRC-32/;

  it('with one bit changed is refused by name, also where a tensor takes a part of it', () => {
    const file = openCheckpoint(damagedAt('plain', 5));
    for (const name of ['plain', 'rows', 'columns', 'plain'])
      expect(() => file.read(name)).toThrow(expect.objectContaining({ code: 'DRAFT_PYTORCH_INVALID' }));
    expect(() => file.read('rows')).toThrow(refusal);
    // What lies elsewhere is sound.
    expect(file.read('double')).toEqual(state.read('double'));
    file.close();
    const end = openCheckpoint(damagedAt('double', 191));
    expect(() => end.read('double')).toThrow(refusal);
    end.close();
  });

  it('of which parts are taken is compared once', () => {
    const path = join(folder, 'once.pth');
    writeFileSync(path, original);
    const file = openCheckpoint(path);
    expect(file.read('rows')).toEqual(state.read('rows'));
    // The first row, which is not among them, changes on the disk: nobody looks at it again.
    const bytes = Buffer.from(original);
    bytes[bytes.indexOf(state.read('plain'))]! ^= 1;
    writeFileSync(path, bytes);
    expect(file.read('rows')).toEqual(state.read('rows'));
    file.close();
  });

  it('is large and compared in pieces', () => {
    const bytes = Buffer.alloc(9 * 2 ** 20, 'weights');
    const view = `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\nByteStorage\n${text('0')}${text('cpu')}`;
    const content = pickle('}', text('x'), `${view}J\0\0\x90\0tQK\x02(K\x03t(K\x01t\x89}tR`, 's');
    const files = [
      { name: 'a/data.pkl', content, deflate: false },
      { name: 'a/data/0', content: bytes, deflate: false },
    ];
    const path = join(folder, 'large.pt');
    writeFileSync(path, makeZip(files));
    const file = openCheckpoint(path);
    expect(Buffer.from(file.read('x')).toString()).toBe('igh');
    file.close();
    const damaged = makeZip(files);
    damaged[damaged.indexOf(bytes) + bytes.length - 1]! ^= 1;
    writeFileSync(path, damaged);
    const broken = openCheckpoint(path);
    expect(() => broken.read('x')).toThrow(/its entry "a\/data\/0" is damaged/);
    broken.close();
  });

  it('and so is the pickle', () => {
    const bytes = Buffer.from(original);
    // Another name of a tensor would be as good a pickle.
    bytes[bytes.indexOf('transposed')]! ^= 1;
    const path = join(folder, 'damaged-pickle.pth');
    writeFileSync(path, bytes);
    expect(message(path)).toMatch(/its entry "zip\/data\.pkl" is damaged/);
  });
});

it('reads the 64-bit directory that files above 4 GB have', () => {
  const bytes = readFileSync(fixture('zip.pth'));
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
  const start = bytes.readUInt32LE(end + 16);
  const records = bytes.readUInt16LE(end + 10);
  // The first record says its sizes and its place in an extra field.
  const record = bytes.subarray(start, end);
  const nameEnd = 46 + record.readUInt16LE(28);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(record.readUInt32LE(24)), 4);
  extra.writeBigUInt64LE(BigInt(record.readUInt32LE(20)), 12);
  extra.writeBigUInt64LE(BigInt(record.readUInt32LE(42)), 20);
  const head = Buffer.from(record.subarray(0, nameEnd));
  for (const at of [20, 24, 42]) head.writeUInt32LE(0xffffffff, at);
  head.writeUInt16LE(head.readUInt16LE(30) + extra.length, 30);
  const directory = Buffer.concat([head, extra, record.subarray(nameEnd)]);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(records), 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(start + directory.length), 8);
  const last = Buffer.from(bytes.subarray(end));
  last.writeUInt16LE(0xffff, 10);
  last.writeUInt32LE(0xffffffff, 12);
  last.writeUInt32LE(0xffffffff, 16);
  const path = join(folder, 'wide.pth');
  writeFileSync(path, Buffer.concat([bytes.subarray(0, start), directory, end64, locator, last]));
  const [wide, plain] = [openCheckpoint(path), openCheckpoint(fixture('zip.pth'))];
  expect([...wide.entries]).toEqual([...plain.entries]);
  expect(wide.read('transposed')).toEqual(plain.read('transposed'));
  wide.close();
  plain.close();
});

describe('what is refused', () => {
  it.each([
    ['print.pt', /DRAFT_PYTORCH_REFUSED .*refers to "__builtin__\.print".*nothing of it was run/],
    ['eval-legacy.pt', /DRAFT_PYTORCH_REFUSED .*refers to "__builtin__\.eval"/],
    ['module.pt', /DRAFT_PYTORCH_REFUSED .*refers to "torch\.nn\.modules\.container\.Sequential"/],
    ['script.pt', /DRAFT_PYTORCH_REFUSED .*TorchScript/],
    ['protocol-4.pt', /DRAFT_PYTORCH_INVALID .*protocol 4/],
    ['expanded.pt', /DRAFT_PYTORCH_INVALID .*\[1000, 1000\] repeats the 1 numbers of its storage/],
    ['complex.pt', /refers to "torch\.ComplexFloatStorage"/],
    ['list.pt', /DRAFT_PYTORCH_INVALID .*no dictionary/],
    ['no-tensors.pt', /DRAFT_PYTORCH_INVALID .*no named tensors, only "lr"/],
  ])('%s', (name, expected) => {
    expect(message(fixture(`refused/${name}`))).toMatch(expected);
  });

  it('is every fixture that is there for it', () => {
    for (const name of readdirSync(fixture('refused'))) {
      expect([name, message(fixture(`refused/${name}`))]).toEqual([
        name,
        expect.stringMatching(/^DRAFT_PYTORCH/),
      ]);
    }
  });

  it.each([
    ['a call of the system', pickle('cos\nsystem\n', text('true'), [0x85], 'R'), /refers to "os\.system"/],
    ['getattr', pickle('c__builtin__\ngetattr\n'), /refers to "__builtin__\.getattr"/],
    ['bytes as a storage', pickle('ctorch.storage\n_load_from_bytes\n'), /_load_from_bytes/],
    ['an operation of newer pickles', pickle([0x8c, 1], 'a'), /pickle operation 0x8c/],
    [
      'an item set on a list',
      pickle(']', 'K\x01', 'K\x01', 's'),
      /sets an item of something that is no dict/,
    ],
    ['an item appended to a dictionary', pickle('}', 'K\x01', 'a'), /appends to something that is no list/],
    ['a state for a tuple', pickle(')', 'N', 'b'), /gives a state to something that has none/],
    ['a call of a type', pickle('ctorch\nFloatStorage\n', ')', 'R'), /FloatStorage is called/],
    ['a value that was never remembered', pickle('h\x07'), /never remembered/],
    ['a missing value', pickle('R'), /not there/],
    ['a missing mark', pickle('t'), /mark that is not there/],
    ['two results', pickle('NN'), /wrong number of values/],
    ['a reference that is no storage', pickle(text('module'), [0x85], 'Q'), /no storage/],
    ['a key that is a list', pickle('}', ']', 'N', 's'), /key that is a list/],
    ['broken text', pickle('X\x01\0\0\0\xff'), /not UTF-8/],
    ['a text beyond the end', pickle('X\xff\xff\xff\x7f'), /in the middle|more than 32 MiB/],
  ])('%s', (name, content, expected) => {
    expect(message(legacy(`${name}.pt`, content))).toMatch(expected);
  });

  it.each([
    ['no numbers', 'K\x00', '(K\x02t', '(K\x01t', /number 2 of a storage of 1/],
    ['an offset beyond the storage', 'K\x01', '(K\x01t', '(K\x01t', /number 2 of a storage of 1/],
    ['a negative size', 'K\x00', '(J\xff\xff\xff\xfft', '(K\x01t', /whole numbers/],
    ['a negative stride', 'K\x00', '(K\x01t', '(J\xff\xff\xff\xfft', /whole numbers/],
    ['strides of another count', 'K\x00', '(K\x01t', ')', /of equal count/],
    [
      'too many numbers to count',
      'K\x00',
      `(${'J\xff\xff\xff\x7f'.repeat(3)}t`,
      '(K\x00K\x00K\x00t',
      /can be counted/,
    ],
  ])('a tensor with %s', (name, offset, size, stride, expected) => {
    const storage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x01tQ`;
    const content = pickle(
      '}',
      text('x'),
      `ctorch._utils\n_rebuild_tensor\n(${storage}${offset}${size}${stride}tR`,
      's',
    );
    expect(message(legacy(`tensor ${name}.pt`, content))).toMatch(expected);
  });

  it('a pickle that makes ever more values, within a bound of time and memory', () => {
    const before = process.memoryUsage().rss;
    expect(message(legacy('many.pt', pickle('N'.repeat(2 ** 22))))).toMatch(/more than 2097152 values/);
    expect(message(legacy('lists.pt', pickle(']'.repeat(2 ** 22))))).toMatch(/more than 2097152 values/);
    // An empty list takes about 60 bytes.
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  });

  it('files that are something else', () => {
    const write = (name: string, bytes: Uint8Array) => {
      writeFileSync(join(folder, name), bytes);
      return message(join(folder, name));
    };
    expect(write('empty.pt', new Uint8Array())).toMatch(/DRAFT_PYTORCH_INVALID .*begins neither/);
    expect(write('pickle.bin', pickle('}'))).toMatch(/DRAFT_PYTORCH_REFUSED .*is a plain pickle/);
    expect(write('zeros.safetensors', new Uint8Array(8))).toMatch(/DRAFT_SAFETENSORS_INVALID/);
    expect(message(join(folder, 'absent.pt'))).toMatch(/DRAFT_FILE_NOT_FOUND/);
    expect(message(folder)).toMatch(/DRAFT_FILE_IS_FOLDER/);
  });
});

describe('shards', () => {
  const index = (name: string, map: unknown) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ metadata: {}, weight_map: map }));
    return path;
  };

  it('are read through their index', () => {
    for (const name of ['state.safetensors', 'module.bin']) copyFileSync(fixture(name), join(folder, name));
    const shards = openCheckpoint(
      index('model.safetensors.index.json', { plain: 'state.safetensors', '0.bias': 'module.bin' }),
    );
    expect([...shards.entries.keys()].slice(0, 2)).toEqual(['plain', '0.bias']);
    expect(shards.read('0.bias')).toHaveLength(12);
    expect(() => shards.read('other')).toThrow('holds no tensor called other');
    shards.close();
  });

  it.each([
    [{}, /lists no tensors/],
    [{ x: '../state.safetensors' }, /no file of weights beside it/],
    [{ x: 'state.safetensors' }, /which does not hold it/],
    [{ x: 'absent.safetensors' }, /There is no file/],
  ])('%j is refused', (map, expected) => {
    copyFileSync(fixture('state.safetensors'), join(folder, 'state.safetensors'));
    expect(message(index('bad.index.json', map))).toMatch(expected);
  });
});
