import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type HubOptions, openPlace, openPlacedWeights } from '@draft/core';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RangeServer, startRangeServer } from '../support/range-server.js';

const root = mkdtempSync(join(tmpdir(), 'draft-web-'));
const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const hash = sha256(content);
let server: RangeServer;

beforeEach(async () => {
  server = await startRangeServer();
  server.files.set('/m/a.pth', content);
  vi.stubEnv('DRAFT_CACHE', mkdtempSync(join(root, 'cache-')));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Brings the file of an address. */
const get = (path: string, options: HubOptions = {}): Promise<string | null> => {
  const place = openPlace(`${server.base}${path}`, options);
  return place.file(place.single ?? 'model.json');
};
const offline = { environment: { HF_HUB_OFFLINE: '1' } };
const isWhole = (path: string | null) => expect(readFileSync(path!).equals(content)).toBe(true);
const filesBeside = (path: string | null) => readdirSync(dirname(path!)).sort();

describe('an address of the web', () => {
  it('is a file, or a folder, and is downloaded once', async () => {
    const seen: [number, number][] = [];
    const onProgress: HubOptions['onProgress'] = ({ received, total }) => seen.push([received, total]);
    const named = `/m/a-${hash.slice(0, 8)}.pth`;
    server.files.set(named, content);
    server.files.set('/m/model.json', Buffer.from('{}'));
    expect(openPlace(`${server.base}${named}`).single).toBe(`a-${hash.slice(0, 8)}.pth`);
    const path = await get(named, { onProgress });
    isWhole(path);
    expect(seen[0]).toEqual([0, content.length]);
    expect(seen.at(-1)).toEqual([content.length, content.length]);
    expect(await get(named)).toBe(path);
    const folder = openPlace(`${server.base}/m`);
    expect(folder.single).toBeNull();
    expect(await folder.file('model.json')).toMatch(/model\.json$/);
    expect(await folder.file('model.safetensors')).toBeNull();
    expect(server.requests).toEqual([named, '/m/model.json', '/m/model.safetensors']);
  });

  it('is another file with another query', async () => {
    const first = await get('/m/a.pth?v=1');
    expect(await get('/m/a.pth?v=2')).not.toBe(first);
    expect(await get('/m/a.pth?v=1')).toBe(first);
    expect(server.requests).toEqual(['/m/a.pth?v=1', '/m/a.pth?v=2']);
    expect(first).toMatch(/a\.pth$/);
  });

  it('is named where it cannot be had', async () => {
    await expect(openPlacedWeights(openPlace(`${server.base}/none.bin`))).rejects.toThrow(
      /none\.bin cannot be had: there is no such file/,
    );
    await expect(get('/m/a.pth', offline)).rejects.toThrow(/not in the cache, and HF_HUB_OFFLINE forbids/);
    await expect(get('/m/a.pth', { signal: AbortSignal.abort() })).rejects.toThrow(/interrupted/);
    server.status = 500;
    await expect(get('/m/a.pth')).rejects.toThrow(/a\.pth cannot be had: the server answered 500\. Download/);
    await server.close();
    await expect(get('/m/a.pth')).rejects.toThrow(/a\.pth cannot be had: ECONNREFUSED\. Download/);
    expect(() => openPlace('https://')).toThrow(/is no address of the web/);
    expect(() => openPlace('https://host/a.pth#md5=1')).toThrow(/is no address of the web; behind #/);
    expect(() => openPlace(`https://host/folder#sha256=${hash}`)).toThrow(
      /folder of the web, which has no hash/,
    );
  });
});

describe('a download of the web that breaks', () => {
  it.each(['etag', 'date'] as const)('goes on where it stopped, by its %s', async (validator) => {
    server.validator = validator;
    server.breaks.push(100_000, 50_000);
    const path = await get('/m/a.pth');
    isWhole(path);
    expect(server.requests).toHaveLength(3);
    const [first = 0, second = 0] = server.requests
      .slice(1)
      .map((line) => Number(/^\/m\/a\.pth bytes=(\d+)-$/.exec(line)?.[1]));
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThanOrEqual(first);
    expect(filesBeside(path)).toEqual(['a.pth', 'a.pth.sha256']);
  });

  it('goes on at the next start, and says so', async () => {
    server.breaks.push(100_000, 0, 0, 0);
    await expect(get('/m/a.pth')).rejects.toThrow(
      /a\.pth cannot be had: .*; try again, as what has arrived is kept\. Download/,
    );
    const before = server.requests.length;
    const seen: number[] = [];
    isWhole(await get('/m/a.pth', { onProgress: ({ received }) => seen.push(received) }));
    expect(server.requests.slice(before)).toEqual([expect.stringMatching(/a\.pth bytes=[1-9]\d*-$/)]);
    expect(seen[0]).toBeGreaterThan(0);
  });

  it('begins anew where the file is another by then', async () => {
    server.breaks.push(100_000, 0, 0, 0);
    await expect(get('/m/a.pth')).rejects.toThrow(/cannot be had/);
    const later = Buffer.from(content).fill(7, 0, 1000);
    server.files.set('/m/a.pth', later);
    const path = await get('/m/a.pth');
    expect(readFileSync(path!).equals(later)).toBe(true);
  });

  it.each<[string, Partial<Pick<RangeServer, 'validator' | 'ranges'>>]>([
    ['nothing tells one state from another', { validator: 'none' }],
    ['the tag is a weak one', { validator: 'weak' }],
    ['the server knows no ranges', { ranges: 'no' }],
    ['it gives other ranges', { ranges: 'wrong' }],
  ])('begins anew where %s', async (_, behaviour) => {
    Object.assign(server, behaviour);
    server.breaks.push(100_000);
    isWhole(await get('/m/a.pth'));
    expect(server.requests.at(-1)).toMatch(behaviour.ranges === 'no' ? /^\/m\/a\.pth/ : /^\/m\/a\.pth$/);
  });

  it('does not go on for ever', async () => {
    server.ranges = 'no';
    server.breaks.push(...Array.from({ length: 50 }, () => 100_000));
    await expect(get('/m/a.pth')).rejects.toThrow(/a\.pth cannot be had/);
    // Each attempt that brings more than all before begins the count again.
    expect(server.requests.length).toBeLessThan(12);
  });

  it('is seen where everything has arrived but the end of the program', async () => {
    server.breaks.push(content.length);
    isWhole(await get('/m/a.pth'));
    // The same, with the file left behind by an earlier run.
    const path = (await get('/m/a.pth'))!;
    writeFileSync(`${path}.incomplete`, content);
    writeFileSync(`${path}.incomplete.validator`, `"${content.length}-${content[0]}"`);
    rmSync(path);
    isWhole(await get('/m/a.pth'));
    expect(server.requests.at(-1)).toBe(`/m/a.pth bytes=${content.length}-`);
  });

  it('takes what a server sends without a length', async () => {
    server.lengths = false;
    isWhole(await get('/m/a.pth'));
  });
});

describe('what arrives', () => {
  it('is refused where its hash is not that of its name or address', async () => {
    server.files.set('/m/alexnet-0a1b2c3d.pth', content);
    await expect(get('/m/alexnet-0a1b2c3d.pth')).rejects.toThrow(
      /alexnet-0a1b2c3d\.pth cannot be had: what arrived has another SHA-256 than its name says and was thrown away/,
    );
    await expect(get(`/m/a.pth#sha256=${'0'.repeat(64)}`)).rejects.toThrow(/SHA-256 than its address says/);
    const path = await get(`/m/a.pth#sha256=${hash.toUpperCase()}`);
    isWhole(path);
    // What arrived wrongly is not there any more.
    expect(filesBeside(path)).toEqual(['a.pth', 'a.pth.sha256']);
    expect(openPlace(`${server.base}/m/a.pth#sha256=${hash}`).name).toBe(`${server.base}/m/a.pth`);
  });

  it('is fetched anew where its beginning came from another file', async () => {
    server.breaks.push(100_000, 0, 0, 0);
    await expect(get('/m/a.pth')).rejects.toThrow(/cannot be had/);
    const later = Buffer.from(content).fill(7, 0, 10_000).fill(content[0]!, 0, 1);
    server.files.set('/m/a.pth', later);
    const path = await get(`/m/a.pth#sha256=${sha256(later)}`);
    expect(readFileSync(path!).equals(later)).toBe(true);
    expect(server.requests.at(-1)).toBe('/m/a.pth');
  });

  it('is recorded by its hash, and compared with it at each use', async () => {
    const path = (await get('/m/a.pth'))!;
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(`${hash}  a.pth\n`);
    expect(await get('/m/a.pth', offline)).toBe(path);
    const damaged = Buffer.from(content);
    damaged[5]! ^= 1;
    writeFileSync(path, damaged);
    await expect(get('/m/a.pth', offline)).rejects.toThrow(
      /a\.pth has another SHA-256 than it should have, and HF_HUB_OFFLINE forbids to download it again/,
    );
    isWhole(await get('/m/a.pth'));
    expect(server.requests).toHaveLength(2);
  });

  it('is recorded also where it came before there were records', async () => {
    const path = (await get('/m/a.pth'))!;
    rmSync(`${path}.sha256`);
    expect(await get('/m/a.pth', offline)).toBe(path);
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(`${hash}  a.pth\n`);
    // Not where it is known to be another.
    writeFileSync(path, 'x');
    rmSync(`${path}.sha256`);
    await expect(get(`/m/a.pth#sha256=${hash}`, offline)).rejects.toThrow(/another SHA-256/);
    expect(existsSync(`${path}.sha256`)).toBe(false);
  });
});
