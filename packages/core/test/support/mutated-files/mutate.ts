/** Reproducible whole numbers below a bound (a linear congruential generator, its high bits). */
export function numbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** Operations of pickles, of which not all are PyTorch's. */
const operations = Buffer.from('ct}])(RbsuaeXUJKMGNqrhjQ.0l\x81\x85\x86\x87\x88\x8a\x8b\x93', 'latin1');

/** One change of a file, or several. */
export function mutate(original: Buffer, draw: (bound: number) => number): Buffer {
  const bytes = Buffer.from(original);
  const at = draw(bytes.length);
  switch (draw(9)) {
    case 0:
      bytes[at]! ^= 1 << draw(8);
      return bytes;
    case 1:
      bytes[at] = draw(256);
      return bytes;
    case 2:
      bytes[at] = operations[draw(operations.length)]!;
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4: {
      const length = draw(40);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    }
    case 5: {
      const from = draw(bytes.length);
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(from, from + draw(60)),
        bytes.subarray(at),
      ]);
    }
    case 6: {
      const from = draw(bytes.length);
      bytes.copyWithin(at, from, from + draw(60));
      return bytes;
    }
    case 7: {
      const value = extremes[draw(extremes.length)]!;
      if (at + 4 <= bytes.length) bytes.writeUInt32LE(value, at);
      return bytes;
    }
    default:
      return mutate(mutate(original, draw), draw);
  }
}
