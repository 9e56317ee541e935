import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DraftError, openCheckpoint } from '@draft/core';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'draft-mutated-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ['zip.pth', 'legacy.pth', 'zip-wrapped.ckpt', 'legacy-wrapped.ckpt', 'module.bin', 'float8.pt'];
const originals = names.map((name) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/torch-files/${name}`, import.meta.url))),
);

/** Reproducible whole numbers below a bound (a linear congruential generator, its high bits). */
function numbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** Operations of pickles, of which not all are PyTorch's. */
const operations = Buffer.from('ct}])(RbsuaeXUJKMGNqrhjQ.0l\x81\x85\x86\x87\x88\x8a\x8b\x93', 'latin1');

/** One change of a file, or two. */
function mutate(original: Buffer, draw: (bound: number) => number): Buffer {
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

it('each of 10000 mutated files is loaded within its own bytes, or refused in one sentence', () => {
  const draw = numbers(20261121);
  const path = join(folder, 'mutated.pt');
  const outcomes = { loaded: 0, refused: 0 };
  for (let round = 0; round < 10_000; round += 1) {
    const bytes = mutate(originals[round % originals.length]!, draw);
    writeFileSync(path, bytes);
    const start = process.cpuUsage();
    try {
      const source = openCheckpoint(path);
      for (const [name, { shape, byteLength }] of source.entries) {
        const content = source.read(name);
        const count = shape.reduce((a, b) => a * b, 1);
        if (content.length !== byteLength || byteLength > bytes.length) throw new Error(`size of ${name}`);
        const size = count === 0 ? 1 : byteLength / count;
        // Every number that is given out stands in the file.
        for (let at = 0; at < content.length; at += size) {
          if (!bytes.includes(Buffer.from(content.buffer, at, size))) throw new Error(`number of ${name}`);
        }
      }
      source.close();
      outcomes.loaded += 1;
    } catch (cause) {
      if (!DraftError.is(cause)) throw new Error(`Round ${round} failed.`, { cause });
      if (!/^[^\n]{20,800}$/.test(cause.message)) throw new Error(`Round ${round} says ${cause.message}`);
      outcomes.refused += 1;
    }
    const { user, system } = process.cpuUsage(start);
    // A file of 6 kB takes a millisecond.
    if (user + system > 2e6) throw new Error(`Round ${round} took ${user + system} µs.`);
  }
  // Both happen often: numbers themselves make up a tenth of a file, padding much of the rest.
  expect(outcomes.loaded).toBeGreaterThan(500);
  expect(outcomes.refused).toBeGreaterThan(5000);
}, 300_000);
