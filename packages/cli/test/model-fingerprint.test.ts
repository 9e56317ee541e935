import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelFingerprint } from '../src/evaluate/model-fingerprint.js';

let folder = '';
const weights = Buffer.alloc(9_000_000, 7);
const write = (change: (bytes: Buffer) => void = () => {}) => {
  const bytes = Buffer.from(weights);
  change(bytes);
  writeFileSync(join(folder, 'unet/weights.safetensors'), bytes);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-fingerprint-'));
  mkdirSync(join(folder, 'unet'));
  writeFileSync(join(folder, 'model_index.json'), '{}');
  write();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the fingerprint of a model', () => {
  it('is that of its files, not of when or where they were written', () => {
    const before = modelFingerprint(folder);
    write();
    writeFileSync(join(folder, '.cache'), 'x');
    expect(modelFingerprint(folder)).toBe(before);
    expect(modelFingerprint(join(folder, 'model_index.json'))).not.toBe(before);
  });

  it('changes with weights, sizes and names', () => {
    const seen = new Set([modelFingerprint(folder)]);
    const look = () => {
      const own = modelFingerprint(folder);
      expect(seen.has(own)).toBe(false);
      seen.add(own);
    };
    write((bytes) => bytes.fill(8));
    look();
    // At the beginning, where every file is looked at, and in one in a hundred of its numbers.
    write((bytes) => bytes.writeUInt8(1, 100));
    look();
    write((bytes) => {
      for (let i = 0; i < bytes.length; i += 100) bytes[i] = 9;
    });
    look();
    writeFileSync(join(folder, 'model_index.json'), '{"a":1}');
    look();
    writeFileSync(join(folder, 'more.json'), '');
    look();
  });

  it('says what cannot be read', () => {
    expect(() => modelFingerprint(join(folder, 'none'))).toThrow('none');
  });
});
