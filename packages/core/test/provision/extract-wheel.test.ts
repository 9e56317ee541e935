import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { extractWheel } from '../../src/runtime/provision/extract-wheel.js';
import { makeZip, type ZipFile } from './make-zip.js';

describe('unpacking a wheel', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'draft-zip-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  let serial = 0;
  const unpack = async (archive: Buffer, wanted: (name: string) => boolean = () => true) => {
    const target = join(folder, `out${serial++}`);
    const path = join(folder, 'a.whl');
    writeFileSync(path, archive);
    const files = await extractWheel(path, target, { wanted });
    return { files, read: (name: string) => readFileSync(join(target, name)) };
  };

  it('gives back what was packed, stored or deflated, with 32-bit or 64-bit sizes', async () => {
    const file = fc.record({
      content: fc.uint8Array({ maxLength: 3000 }),
      deflate: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), fc.boolean(), async (list, wide) => {
        const files: ZipFile[] = list.map((entry, i) => ({ ...entry, name: `a/${i}/b.so` }));
        const { files: written, read } = await unpack(makeZip(files, { wide }));
        expect(written.map(({ path }) => path)).toEqual(files.map(({ name }) => name));
        for (const { name, content } of files) expect([...read(name)]).toEqual([...content]);
      }),
      { numRuns: 25 },
    );
  });

  it('takes only what is wanted', async () => {
    const archive = makeZip([
      { name: 'keep', content: 'x' },
      { name: 'leave', content: 'y' },
    ]);
    const { files } = await unpack(archive, (name) => name === 'keep');
    // SHA-256 of "x", by sha256sum.
    expect(files).toEqual([
      { path: 'keep', size: 1, sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' },
    ]);
  });

  it('is not fooled by an archive comment', async () => {
    const archive = makeZip([{ name: 'a', content: 'x' }]);
    archive.writeUInt16LE(5, archive.length - 2);
    const { read } = await unpack(Buffer.concat([archive, Buffer.from('hello')]));
    expect(String(read('a'))).toBe('x');
  });

  it.each(['../outside', '/outside', 'a/../../outside', 'a\\..\\outside'])(
    'refuses a file named %s',
    async (name) => {
      await expect(unpack(makeZip([{ name, content: 'x' }]))).rejects.toMatchObject({
        code: 'DRAFT_ARCHIVE_BROKEN',
        message: expect.stringContaining('outside of itself'),
      });
    },
  );

  it('notices every changed byte of the content', async () => {
    const archive = makeZip([{ name: 'a', content: 'some text that is packed', deflate: false }]);
    const from = archive.indexOf('some text');
    for (let at = from; at < from + 24; at += 1) {
      const changed = Buffer.from(archive);
      changed[at] = (changed[at] as number) ^ 1;
      await expect(unpack(changed)).rejects.toMatchObject({ code: 'DRAFT_ARCHIVE_BROKEN' });
    }
  });

  it('refuses an archive that is cut off anywhere, in one sentence', async () => {
    const archive = makeZip([{ name: 'a', content: 'text'.repeat(100) }]);
    for (let length = 0; length < archive.length; length += 7) {
      const error = await unpack(archive.subarray(0, length)).catch((reason) => reason);
      expect(error).toMatchObject({ code: 'DRAFT_ARCHIVE_BROKEN' });
      expect(error.message).toMatch(/^[^\n]+\.$/);
    }
  });

  it('refuses damaged deflated data', async () => {
    const archive = makeZip([{ name: 'a', content: 'text'.repeat(100) }]);
    archive.fill(0xff, 32, 36);
    await expect(unpack(archive)).rejects.toMatchObject({ code: 'DRAFT_ARCHIVE_BROKEN' });
  });
});
