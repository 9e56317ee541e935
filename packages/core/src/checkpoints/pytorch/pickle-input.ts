import { pytorchError } from './pytorch-error.js';

/** The bytes of a pickle, from front to back. */
export interface PickleInput {
  readonly path: string;
  /** Where the next byte stands in the file. */
  position(): number;
  byte(): number;
  /** The next `count` bytes; valid until the next call. */
  bytes(count: number): Uint8Array;
}

/** No list of a checkpoint's tensors comes near this; it bounds the time and the memory that reading takes. */
export const longestPickle = 32 * 2 ** 20;

const window = 1 << 16;

/**
 * Reads the bytes `start..end` in pieces.
 * @param read Gives a stretch of bytes; called for 64 KiB at a time, or for one long text.
 */
export function createPickleInput(
  path: string,
  read: (position: number, length: number) => Uint8Array,
  start: number,
  end: number,
): PickleInput {
  const last = Math.min(end, start + longestPickle);
  let buffer: Uint8Array = new Uint8Array(0);
  let from = start; // of the buffer, in the file
  let at = 0; // in the buffer

  const need = (count: number) => {
    if (at + count <= buffer.length) return;
    const position = from + at;
    if (count > last - position) {
      throw pytorchError(
        path,
        last < end
          ? `its pickle has more than ${longestPickle / 2 ** 20} MiB`
          : 'its pickle ends in the middle; the file may be cut short',
      );
    }
    buffer = read(position, Math.min(Math.max(window, count), last - position));
    from = position;
    at = 0;
  };
  return {
    path,
    position: () => from + at,
    byte() {
      need(1);
      at += 1;
      return buffer[at - 1]!;
    },
    bytes(count) {
      need(count);
      at += count;
      return buffer.subarray(at - count, at);
    },
  };
}
