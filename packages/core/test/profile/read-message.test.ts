import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DraftError } from '../../src/errors/draft-error.js';
import { createMessage } from '../../src/runtime/tensorflow/protobuf.js';
import { readMessage, textOf } from '../../src/runtime/tensorflow/read-message.js';

type Field = readonly [field: number, value: number | string];

const write = (fields: readonly Field[]): Uint8Array => {
  const message = createMessage();
  for (const [field, value] of fields) {
    if (typeof value === 'number') message.varint(field, value);
    else message.text(field, value);
  }
  return message.finish();
};

const read = (message: Uint8Array): Field[] => {
  const fields: Field[] = [];
  readMessage(message, {
    number: (field, value) => fields.push([field, value]),
    bytes: (field, value) => fields.push([field, textOf(value)]),
  });
  return fields;
};

const field = fc.integer({ min: 1, max: 0x1fffffff });
const number = fc.maxSafeInteger();
const anyFields = fc.array(fc.tuple(field, fc.oneof(number, fc.string({ unit: 'grapheme' }))));

describe('readMessage', () => {
  it('reads what was written, negative numbers of ten bytes among it', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        // -0 is written as 0.
        const expected = fields.map(([name, value]) => [name, typeof value === 'number' ? value + 0 : value]);
        expect(read(write(fields as Field[]))).toEqual(expected);
      }),
    );
  });

  it('passes over fixed-width fields and what nobody asks for', () => {
    const message = createMessage().float(3, 1.5).varint(1, 300).text(2, 'x').varint(4, 7).finish();
    const seen: number[] = [];
    readMessage(message, { number: (name, value) => seen.push(name, value) });
    expect(seen).toEqual([1, 300, 4, 7]);
    readMessage(message, {});
  });

  it('refuses bytes that are no message in one sentence, and never reads past their end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(DraftError.is(error) && error.code).toBe('DRAFT_MESSAGE_BROKEN');
        }
      }),
      { numRuns: 2000 },
    );
    for (const bytes of [[0], [8], [8, 128], [18, 3, 1], [11], [9, 1], [8, ...Array(11).fill(255)]]) {
      expect(() => read(Uint8Array.from(bytes))).toThrow(/cannot be read: .* at byte \d/);
    }
  });

  it('refuses a message that is cut off inside a field', () => {
    const message = write([[1, 'a text of some length']]);
    for (let length = 1; length < message.length; length++) {
      expect(() => read(message.subarray(0, length))).toThrow(/cut off/);
    }
  });
});
