import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@draft/core';
import { afterAll, describe, expect, it } from 'vitest';
import { writePytorch } from '../src/pytorch/write-pytorch.js';

const folder = mkdtempSync(join(tmpdir(), 'write-pytorch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = Float32Array.from({ length: 6 }, (_, i) => i - 2.5);
const halves = Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x0000);
const tensors = [
  { name: 'a.weight', shape: [2, 3], storage: 'FloatStorage', data: () => new Uint8Array(numbers.buffer) },
  { name: 'scale', shape: [], storage: 'FloatStorage', data: () => new Uint8Array(numbers.buffer, 0, 4) },
  { name: 'h', shape: [4], storage: 'HalfStorage', data: () => new Uint8Array(halves.buffer) },
] as const;

describe('files of PyTorch that are written here', () => {
  it.each([
    { legacy: false },
    { legacy: true },
    { legacy: false, wrapper: 'state_dict' },
    { legacy: true, wrapper: 'state_dict' },
  ])('are read with every number at its place: %j', (layout) => {
    const path = join(folder, `${JSON.stringify(layout).replace(/\W+/g, '-')}.pt`);
    writePytorch(path, tensors, layout);
    const source = openCheckpoint(path);
    expect([...source.entries].map(([name, { dtype, shape }]) => [name, dtype, [...shape]])).toEqual([
      ['a.weight', 'F32', [2, 3]],
      ['scale', 'F32', []],
      ['h', 'F16', [4]],
    ]);
    for (const { name, data } of tensors) expect([...source.read(name)]).toEqual([...data()]);
    source.close();
  });
});
