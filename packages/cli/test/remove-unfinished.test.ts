import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeUnfinished } from '../src/run/remove-unfinished.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-unfinished-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('removes what a killed process left half-written, and nothing else', () => {
  mkdirSync(join(folder, 'checkpoints', '.000004.77.part'), { recursive: true });
  mkdirSync(join(folder, 'checkpoints', '000002'));
  mkdirSync(join(folder, 'samples'));
  const written = [
    '.watch.jsonl.7875.12.part',
    'watch.jsonl',
    'samples/.000002.png.7875.3.part',
    'notes.part',
    '.part',
  ];
  for (const name of [...written, 'checkpoints/.000004.77.part/state.json'])
    writeFileSync(join(folder, name), '');
  removeUnfinished(folder);
  expect(readdirSync(folder).sort()).toEqual([
    '.part',
    'checkpoints',
    'notes.part',
    'samples',
    'watch.jsonl',
  ]);
  expect(readdirSync(join(folder, 'samples'))).toEqual([]);
  expect(existsSync(join(folder, 'checkpoints', '000002'))).toBe(true);
  expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['000002']);
});
