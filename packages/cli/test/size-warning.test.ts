import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@draft/core';
import { afterAll, expect, it } from 'vitest';
import { sizeMetadata, sizeWarnings, trainedSize } from '../src/run/size-warning.js';

const folder = mkdtempSync(join(tmpdir(), 'draft-size-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('warns of a LoRA that was trained on pictures of another size, and of no other', () => {
  const lora = (name: string, metadata: Readonly<Record<string, string>>) => {
    const path = join(folder, name);
    writeSafetensors(path, { a: { shape: [1], data: Float32Array.of(1) } }, metadata);
    return { name, path };
  };
  const own = lora('own.safetensors', sizeMetadata({ height: 512, width: 768 }));
  const other = lora('other.safetensors', { 'modelspec.resolution': '512x512' });
  const silent = lora('silent.safetensors', { 'modelspec.resolution': 'large' });
  const broken = { name: 'broken.safetensors', path: join(folder, 'broken.safetensors') };
  writeFileSync(broken.path, 'no header');
  expect(trainedSize(own.path)).toEqual({ height: 512, width: 768 });
  expect(sizeWarnings([own, other, silent, broken], { height: 512, width: 768 })).toEqual([
    'warning: other.safetensors was trained on pictures of 512x512, and draws ones of 512x768: patterns may show; ' +
      '--size 512x512 is its own.',
  ]);
});
