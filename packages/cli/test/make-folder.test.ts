import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../src/run/make-folder.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'draft-folder-'));
  writeFileSync(join(root, 'file'), '');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('makeFolder', () => {
  it('makes all folders of a path, and lets those be that are there', () => {
    makeFolder(join(root, 'a', 'b', 'c'));
    makeFolder(join(root, 'a', 'b', 'c'));
    expect(existsSync(join(root, 'a', 'b', 'c'))).toBe(true);
  });

  it('refuses a file, and a place inside one', () => {
    expect(() => makeFolder(join(root, 'file'))).toThrow('is a file, not a folder: choose another --output.');
    expect(() => makeFolder(join(root, 'file', 'run'))).toThrow('a part of its path is a file.');
  });

  it.runIf(process.platform === 'linux')('gives up where the system takes no folder', () => {
    expect(() => makeFolder('/proc/draft/run')).toThrow('/proc/draft/run cannot be written');
  });
});
