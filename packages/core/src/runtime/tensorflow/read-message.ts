import { DraftError } from '../../errors/draft-error.js';

/** What the fields of a message hold: whole numbers, or the bytes of text, a message or packed numbers. */
export interface MessageVisitor {
  number?(field: number, value: number): void;
  bytes?(field: number, value: Uint8Array): void;
}

const broken = (what: string, at: number): DraftError =>
  new DraftError(
    'DRAFT_MESSAGE_BROKEN',
    `What TensorFlow reported cannot be read: ${what} at byte ${at}; run again without --profile, and report it.`,
  );

/** Most bytes of a number: 64 bits, 7 in each. */
const longest = 10;

/**
 * Walks through a protocol buffer message. Whole numbers come as signed 64-bit ones, exact to 2⁵³; fixed-width
 * fields are passed over.
 * @see {@link https://protobuf.dev/programming-guides/encoding/}
 * @throws DraftError `DRAFT_MESSAGE_BROKEN` where the bytes are no message.
 */
export const readMessage = (message: Uint8Array, visitor: MessageVisitor): void => {
  let at = 0;
  const varint = (): number => {
    const start = at;
    let low = 0;
    let factor = 1;
    for (let i = 0; i < longest; i++) {
      const byte = message[at];
      if (byte === undefined) throw broken('a number that is cut off', start);
      at += 1;
      low += (byte & 127) * factor;
      if (byte < 128) {
        // Ten bytes are a negative number in two's complement, whose sum above has lost its last digits.
        return i < longest - 1 ? low : negative(start);
      }
      factor *= 128;
    }
    throw broken('a number of more than ten bytes', start);
  };
  const negative = (start: number): number => {
    let value = 0n;
    for (let i = start; i < at; i++) {
      value |= BigInt((message[i] as number) & 127) << BigInt(7 * (i - start));
    }
    return Number(BigInt.asIntN(64, value));
  };
  const skip = (count: number, start: number): number => {
    if (count > message.length - at) throw broken('a field that is cut off', start);
    at += count;
    return at - count;
  };
  while (at < message.length) {
    const start = at;
    const key = varint();
    const field = Math.floor(key / 8);
    if (key < 8 || field > 0x1fffffff) throw broken(`a field of number ${field}`, start);
    switch (key % 8) {
      case 0: {
        const value = varint();
        visitor.number?.(field, value);
        break;
      }
      case 1:
        skip(8, start);
        break;
      case 2: {
        const length = varint();
        if (length < 0) throw broken('a field of negative length', start);
        const from = skip(length, start);
        visitor.bytes?.(field, message.subarray(from, at));
        break;
      }
      case 5:
        skip(4, start);
        break;
      default:
        throw broken(`a field of kind ${key % 8}`, start);
    }
  }
};

const decoder = new TextDecoder();

/** The text of a field. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
