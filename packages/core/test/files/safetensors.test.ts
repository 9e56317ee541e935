import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DraftError, openSafetensors, readSafetensors, writeSafetensors } from '../../src/index.js';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-safetensors-'));
  path = join(folder, 'file.safetensors');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file from a header, given as an object, text or bytes, and its data. */
function file(
  header: object | string | null,
  data: Uint8Array = new Uint8Array(0),
  claimed?: bigint,
): Buffer {
  const json = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(claimed ?? BigInt(json.length));
  return Buffer.concat([prefix, json, data]);
}

function refusal(bytes: Uint8Array): string {
  writeFileSync(path, bytes);
  try {
    openSafetensors(path).close();
  } catch (error) {
    expect(DraftError.is(error) && error.code).toBe('DRAFT_SAFETENSORS_INVALID');
    const { message } = error as DraftError;
    expect(message.startsWith(`${path} is not a valid safetensors file: `)).toBe(true);
    expect(message.endsWith('.')).toBe(true);
    return message.slice(path.length);
  }
  throw new Error('The file was accepted.');
}

const tensor = (dtype: string, shape: unknown, ...data_offsets: unknown[]) => ({
  dtype,
  shape,
  data_offsets,
});

describe('reading', () => {
  it('reads numbers that are not aligned in the file', () => {
    const data = Buffer.from(Float32Array.of(1.5, -2, 3).buffer);
    // A header of 57 bytes puts the numbers at byte 65.
    const header = '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}  ';
    writeFileSync(path, file(header, data));
    const opened = openSafetensors(path);
    expect(opened.entries.get('a')).toEqual({ dtype: 'F32', shape: [3], byteOffset: 65, byteLength: 12 });
    expect([...new Float32Array(opened.read('a').buffer)]).toEqual([1.5, -2, 3]);
    opened.read('a').fill(0);
    expect(opened.read('a')).toEqual(new Uint8Array(data));
    opened.close();
    opened.close();
    expect(() => opened.read('a')).toThrow('is closed');
  });

  it('says which tensor is missing, and when the file shrank meanwhile', () => {
    writeSafetensors(path, { a: { shape: [4], data: new Float32Array(4) } });
    const opened = openSafetensors(path);
    expect(() => opened.read('b')).toThrow('holds no tensor called b');
    truncateSync(path, 72);
    expect(() => opened.read('a')).toThrow('cut short after');
    opened.close();
  });

  it('turns every number type into float32', () => {
    const types: [string, ArrayBufferView, number[]][] = [
      ['F64', Float64Array.of(1e-3, -4), [Math.fround(1e-3), -4]],
      ['I64', BigInt64Array.of(-3n, 2n ** 40n), [-3, 2 ** 40]],
      ['U64', BigUint64Array.of(2n ** 63n, 7n), [2 ** 63, 7]],
      ['F32', Float32Array.of(0.1, -0), [Math.fround(0.1), -0]],
      ['I32', Int32Array.of(-5, 6), [-5, 6]],
      ['U32', Uint32Array.of(2 ** 31, 1), [2 ** 31, 1]],
      ['F16', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
      ['BF16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
      ['I16', Int16Array.of(-300, 5), [-300, 5]],
      ['U16', Uint16Array.of(65535, 5), [65535, 5]],
      ['I8', Int8Array.of(-7, 5), [-7, 5]],
      ['U8', Uint8Array.of(200, 5), [200, 5]],
      ['BOOL', Uint8Array.of(0, 1), [0, 1]],
      ['F8_E4M3', Uint8Array.of(0x38, 0xfe), [1, -448]],
      ['F8_E5M2', Uint8Array.of(0x3c, 0xfb), [1, -57344]],
    ];
    const header: Record<string, unknown> = {};
    let at = 0;
    for (const [dtype, { byteLength }] of types) {
      header[dtype] = tensor(dtype, [2], at, at + byteLength);
      at += byteLength;
    }
    const data = types.map(([, { buffer }]) => Buffer.from(buffer as ArrayBuffer));
    writeFileSync(path, file(header, Buffer.concat(data)));
    const { tensors } = readSafetensors(path);
    expect([...tensors.keys()]).toEqual(types.map(([dtype]) => dtype));
    for (const [dtype, , expected] of types) expect([...tensors.get(dtype)!.data]).toEqual(expected);
  });

  it.each([
    ['missing', 'DRAFT_FILE_NOT_FOUND', () => join(folder, 'missing.safetensors')],
    ['a folder', 'DRAFT_FILE_IS_FOLDER', () => folder],
    ['a device', 'DRAFT_FILE_IRREGULAR', () => '/dev/zero'],
  ])('refuses a path that is %s', (_, code, place) => {
    expect(() => openSafetensors(place())).toThrow(expect.objectContaining({ code }));
  });
});

describe('refusing malformed files', () => {
  const two = new Uint8Array(8);
  it.each([
    ['an empty file', new Uint8Array(0), 'it has 0 bytes, fewer than the 8'],
    ['a header beyond the file', file('{}', two, 99n), 'claims 99 bytes, but the file has only 18'],
    ['a huge header', file('{}', two, 2n ** 64n - 1n), 'claims 18446744073709551615 bytes'],
    ['no header', file(''), 'not valid JSON'],
    ['cut JSON', file('{"a":'), 'not valid JSON'],
    ['trailing text', file('{} x'), 'not valid JSON'],
    ['a bad escape', file('{"\\x":1}'), 'not valid JSON'],
    ['UTF-8 that is none', file(Buffer.from([0x7b, 0xff, 0x7d])), 'not valid UTF-8'],
    ['a list', file('[]'), 'not a JSON object'],
    ['null', file('null'), 'not a JSON object'],
    ['deep nesting', file('['.repeat(100_000)), 'nested too deeply'],
    ['a name that stands twice', file('{"a":{},"a":{}}'), 'names "a" twice'],
    ['the same name, escaped', file('{"a":{},"\\u0061":{}}'), 'names "a" twice'],
    ['a field that stands twice', file('{"a":{"dtype":"F32","dtype":"F16"}}'), 'names "dtype" twice'],
    ['metadata with numbers', file({ __metadata__: { a: 1 } }), '__metadata__ is not a set of texts'],
    ['metadata that is a list', file({ __metadata__: [] }), '__metadata__ is not a set of texts'],
    ['a description that is none', file({ a: 3 }), 'tensor "a" has no description'],
    ['an unknown type', file({ a: tensor('Q4', [1], 0, 4) }, two), 'has the unknown type "Q4"'],
    ['an inherited name as type', file({ a: tensor('toString', [1], 0, 4) }, two), 'has the unknown type'],
    ['a negative side', file({ a: tensor('F32', [-2], 0, 8) }, two), 'not a list of non-negative integers'],
    [
      'a fractional side',
      file({ a: tensor('F32', [0.5], 0, 2) }, two),
      'not a list of non-negative integers',
    ],
    ['a side as text', file({ a: tensor('F32', ['2'], 0, 8) }, two), 'not a list of non-negative integers'],
    ['no shape', file({ a: tensor('F32', null, 0, 8) }, two), 'not a list of non-negative integers'],
    ['one offset', file({ a: tensor('F32', [2], 0) }, two), 'not two rising non-negative integers'],
    ['falling offsets', file({ a: tensor('F32', [2], 8, 0) }, two), 'not two rising non-negative integers'],
    ['offsets beyond the data', file({ a: tensor('F32', [4], 0, 16) }, two), 'ends at byte 16 of the data'],
    ['a size unlike the shape', file({ a: tensor('F32', [3], 0, 8) }, two), 'but F32 [3] needs 12'],
    ['a shape whose size overflows', file({ a: tensor('F32', [2 ** 40, 2 ** 40, 0], 0, 8) }, two), 'needs 0'],
    [
      'overlap',
      file({ a: tensor('F32', [2], 0, 8), b: tensor('F32', [1], 4, 8) }, two),
      'tensor "b" overlaps the one before it',
    ],
    [
      'a gap',
      file({ a: tensor('F32', [0], 0, 0), b: tensor('F32', [1], 4, 8) }, two),
      'gap before tensor "b"',
    ],
    ['spare bytes', file({ a: tensor('F32', [1], 0, 4) }, two), '4 bytes at its end belong to no tensor'],
    ['data without tensors', file({}, two), '8 bytes at its end belong to no tensor'],
  ])('names the fault of %s', (_, bytes, fault) => {
    expect(refusal(bytes)).toContain(fault);
  });

  it('refuses a header longer than the format allows without reading it', () => {
    writeFileSync(path, file('', two, 100_000_001n));
    truncateSync(path, 100_000_100); // sparse
    expect(() => openSafetensors(path)).toThrow('100000000 are the limit');
  });

  it('accepts no tensors, scalars, empty tensors and odd names', () => {
    const header = `{"__proto__":${JSON.stringify(tensor('F32', [], 0, 4))},"":${JSON.stringify(tensor('I8', [5, 0], 4, 4))}}`;
    writeFileSync(path, file(header, new Uint8Array(4)));
    const { entries } = openSafetensors(path);
    expect([...entries.keys()].sort()).toEqual(['', '__proto__']);
    writeFileSync(path, file('{}'));
    expect(openSafetensors(path).entries.size).toBe(0);
  });
});

describe('writing', () => {
  it('writes the exact bytes of the format', () => {
    writeSafetensors(path, { b: { shape: [1], data: Float32Array.of(1) } }, { format: 'pt' });
    const json = '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    const bytes = readFileSync(path);
    expect(bytes.readBigUInt64LE()).toBe(88n);
    expect(bytes.toString('latin1', 8, 96)).toBe(json.padEnd(88));
    expect(bytes.subarray(96)).toEqual(Buffer.from([0, 0, 128, 63]));
  });

  it('gives back what it was given', () => {
    const value = fc.record({
      dtype: fc.constantFrom('F32' as const, 'F16' as const, 'BF16' as const),
      shape: fc.array(fc.nat(4), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), value, { maxKeys: 5 }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
        (given, metadata) => {
          const names = Object.keys(given).filter((name) => name !== '__metadata__');
          const tensors = new Map(
            names.map((name) => {
              const { dtype, shape } = given[name]!;
              // Small integers, exact in every type.
              const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i - 9);
              return [name, { dtype, shape, data }] as const;
            }),
          );
          writeSafetensors(path, tensors, metadata);
          const read = readSafetensors(path);
          expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()));
          expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stores bytes as they are, and asks for numbers one tensor at a time', () => {
    const order: string[] = [];
    const later = (name: string) => () => {
      order.push(name);
      return new Uint8Array(8).fill(order.length);
    };
    writeSafetensors(path, {
      narrow: { dtype: 'I8', shape: [8], data: later('narrow') },
      wide: { dtype: 'I64', shape: [1], data: later('wide') },
    });
    expect(order).toEqual(['wide', 'narrow']);
    const { tensors } = readSafetensors(path);
    expect(tensors.get('narrow')!.data[0]).toBe(2);
    expect(tensors.get('wide')!.data[0]).toBe(Math.fround(Number(0x0101010101010101n)));
  });

  it('leaves the old file and no rubbish where data and shape disagree', () => {
    writeFileSync(path, 'old');
    const write = (data: Float32Array, dtype: 'F32' | 'I8') => () =>
      writeSafetensors(path, { a: { shape: [3], data, dtype } });
    expect(write(new Float32Array(2), 'F32')).toThrow('tensor a has 8 bytes, but F32 [3] needs 12');
    expect(write(new Float32Array(3), 'I8')).toThrow('needs bytes, not float32');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file.safetensors']);
  });
});

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

describe('fuzz', () => {
  it('loads each of thousands of damaged files, or refuses it in one sentence', () => {
    writeSafetensors(
      path,
      {
        'unet.a': { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        b: { dtype: 'F16', shape: [4], data: new Float32Array(4) },
        c: { dtype: 'I64', shape: [], data: new Uint8Array(8) },
      },
      { format: 'pt' },
    );
    const good = readFileSync(path);
    const place = fc.nat(good.length - 1);
    const piece = fc.constantFrom(...'{ } [ ] " , : -1 9 1e9 \\ null F16 \0'.split(' '));
    const splice = (from: number, to: number, text: string | Uint8Array): Change => {
      return (bytes) => Uint8Array.from([...bytes.slice(0, from), ...Buffer.from(text), ...bytes.slice(to)]);
    };
    const change: fc.Arbitrary<Change> = fc.oneof(
      fc.tuple(place, fc.nat(255)).map(([at, byte]) => splice(at, at + 1, Uint8Array.of(byte))),
      fc.tuple(place, piece).map(([at, text]) => splice(at, at + text.length, text)),
      fc.tuple(place, piece).map(([at, text]) => splice(at, at, text)),
      fc.tuple(place, place).map(([from, to]) => splice(from, to, '')),
      place.map((at) => splice(at, Infinity, '')),
      fc.uint8Array({ maxLength: 300 }).map((noise) => splice(0, Infinity, noise)),
    );
    let loaded = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = changes.reduce((before, apply) => apply(before), Uint8Array.from(good));
        writeFileSync(path, bytes);
        let content: ReturnType<typeof readSafetensors>;
        try {
          content = readSafetensors(path);
        } catch (error) {
          refused++;
          const short = DraftError.is(error) && error.message.length < path.length + 300;
          if (!short || !/^[^\n]*\.$/.test(error.message)) throw error;
          return;
        }
        loaded++;
        let numbers = 0;
        for (const { shape, data } of content.tensors.values()) {
          if (data.length !== shape.reduce((a, b) => a * b, 1)) throw new Error('A shape is not kept.');
          numbers += data.length;
        }
        expect(numbers).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 4000 },
    );
    expect(loaded).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(1000);
  });
});
