/** Collects the bytes of a JPEG file. */
export interface BitWriter {
  /** Writes whole bytes as they are; only between scans. */
  bytes(...values: readonly number[]): void;
  /** Writes the low `length` bits of `value`, at most 16; a byte 255 is followed by a 0, as in any scan. */
  bits(value: number, length: number): void;
  /** Fills the last byte with ones. */
  flush(): void;
  result(): Uint8Array;
}

/** Makes an empty writer. */
export const createBitWriter = (): BitWriter => {
  const written: number[] = [];
  let pending = 0;
  let count = 0;
  const bits: BitWriter['bits'] = (value, length) => {
    pending = (pending << length) | (value & ((1 << length) - 1));
    count += length;
    while (count >= 8) {
      count -= 8;
      const byte = (pending >> count) & 255;
      written.push(byte);
      if (byte === 255) written.push(0);
    }
    pending &= (1 << count) - 1;
  };
  return {
    bytes: (...values) => {
      written.push(...values);
    },
    bits,
    flush: () => {
      if (count > 0) bits(255, 8 - count);
    },
    result: () => Uint8Array.from(written),
  };
};
