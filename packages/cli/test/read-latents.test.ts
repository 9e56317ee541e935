import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TensorToStore, tf, writeSafetensors } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLatents } from '../src/run/read-latents.js';

let path = '';
beforeAll(async () => {
  path = join(mkdtempSync(join(tmpdir(), 'draft-latents-')), 'noise.safetensors');
  await tf.setBackend('cpu');
});
afterAll(() => rmSync(join(path, '..'), { recursive: true, force: true }));

const read = (tensors: Record<string, TensorToStore>) => {
  writeSafetensors(path, tensors);
  return readLatents(path, [1, 3, 2], 2);
};
const shape = [2, 2, 1, 3];
const data = Float32Array.from({ length: 12 }, (_, i) => i);

describe('readLatents', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('turns NCHW into NHWC, from %s too', (dtype) => {
    const latents = read({ latents: { shape, data, dtype } });
    expect(latents.shape).toEqual([2, 1, 3, 2]);
    expect([...latents.dataSync()]).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    latents.dispose();
  });

  it.each<[string, Record<string, TensorToStore>, string]>([
    ['no latents', { noise: { shape, data } }, 'it holds no tensor "latents"'],
    [
      'another shape',
      { latents: { shape: [2, 2, 3, 1], data } },
      'are [2, 2, 3, 1], but [2, 2, 1, 3] are needed',
    ],
    [
      'integers',
      { latents: { shape, data: new Uint8Array(48), dtype: 'I32' } },
      'its "latents" are I32, not floating-point',
    ],
    [
      'what is no number',
      { latents: { shape, data: data.with(3, Number.NaN) } },
      'not all of its "latents" are finite numbers',
    ],
  ])('refuses %s and names the file', (_, tensors, message) => {
    expect(() => read(tensors)).toThrow(message);
    expect(() => read(tensors)).toThrow(path);
  });
});
