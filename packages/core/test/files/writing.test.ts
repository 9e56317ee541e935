import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openJsonLines, readJsonLines, writeFileAtomically } from '../../src/index.js';

const failure = vi.hoisted(() => ({ code: '', call: '' }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const failing = (name: 'writeSync' | 'openSync' | 'fsyncSync') => ({
    [name]: (...parameters: unknown[]) => {
      if (failure.call === name) throw Object.assign(new Error(failure.code), { code: failure.code });
      return (real[name] as (...parameters: unknown[]) => unknown)(...parameters);
    },
  });
  return { ...real, ...failing('writeSync'), ...failing('openSync'), ...failing('fsyncSync') };
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-writing-'));
  path = join(folder, 'file');
});
afterEach(() => {
  failure.call = '';
  rmSync(folder, { recursive: true });
});

describe('writeFileAtomically', () => {
  it('replaces a file and leaves nothing else behind', () => {
    writeFileAtomically(path, 'first');
    writeFileAtomically(path, Uint8Array.of(0xc3, 0xa9));
    expect(readFileSync(path, 'utf8')).toBe('é');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.each(['writeSync', 'fsyncSync'])('keeps the old file when the disk is full in %s', (call) => {
    writeFileAtomically(path, 'old');
    Object.assign(failure, { call, code: 'ENOSPC' });
    expect(() => writeFileAtomically(path, new Uint8Array(2_500_000))).toThrow(
      expect.objectContaining({
        code: 'DRAFT_DISK_FULL',
        message: expect.stringMatching(/file needs 2\.5 MB in .*, where [\d.]+ [kMG]B are free\. Make room/),
      }),
    );
    failure.call = '';
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('says so where it may not write, or where there is no folder', () => {
    Object.assign(failure, { call: 'openSync', code: 'EACCES' });
    expect(() => writeFileAtomically(path, '')).toThrow(/file cannot be written: there is no permission/);
    failure.call = '';
    expect(() => writeFileAtomically(join(folder, 'no', 'file'), '')).toThrow(/its folder does not exist/);
    mkdirSync(path);
    expect(() => writeFileAtomically(path, '')).toThrow(/is a folder; a file is expected/);
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

describe('JSON lines', () => {
  it('adds a line for each value and reads them back', () => {
    const writer = openJsonLines(path);
    writer.append({ iteration: 0, reward: 0.5 });
    expect(readJsonLines(path)).toEqual([{ iteration: 0, reward: 0.5 }]); // at once, not at the end
    writer.append('two\nlines');
    writer.close();
    writer.close();
    expect(readFileSync(path, 'utf8')).toBe('{"iteration":0,"reward":0.5}\n"two\\nlines"\n');
    expect(() => writer.append(1)).toThrow('closed');
  });

  it('goes on after a kill at any byte', () => {
    const values = [{ a: 1 }, { b: 'é{}' }, 3];
    const whole = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        writeFileSync(path, whole.subarray(0, length));
        const complete = whole.subarray(0, length).toString('latin1').split('\n').length - 1;
        expect(readJsonLines(path)).toEqual(values.slice(0, complete));
        const writer = openJsonLines(path);
        expect(writer.kept).toBe(complete);
        writer.append('next');
        writer.close();
        expect(readJsonLines(path)).toEqual([...values.slice(0, complete), 'next']);
      }),
    );
  });

  it('drops the lines after a checkpoint', () => {
    writeFileSync(path, '1\n2\n3\n');
    const writer = openJsonLines(path, { keep: 2 });
    writer.append('3, again');
    writer.close();
    expect(readFileSync(path, 'utf8')).toBe('1\n2\n"3, again"\n');
  });

  it('drops a last line of rubbish but names an earlier one', () => {
    writeFileSync(path, '1\n\0\0\0\n');
    expect(readJsonLines(path)).toEqual([1]);
    appendFileSync(path, '2\n');
    expect(() => readJsonLines(path)).toThrow(/^Line 2 of .*file is not valid JSON\.$/);
    expect(() => openJsonLines(path)).toThrow(expect.objectContaining({ code: 'DRAFT_JSON_LINES_INVALID' }));
    expect(readFileSync(path, 'utf8')).toBe('1\n\0\0\0\n2\n');
  });

  it('says where the disk is full', () => {
    const writer = openJsonLines(path);
    Object.assign(failure, { call: 'writeSync', code: 'ENOSPC' });
    expect(() => writer.append(1)).toThrow(expect.objectContaining({ code: 'DRAFT_DISK_FULL' }));
    writer.close();
  });
});
