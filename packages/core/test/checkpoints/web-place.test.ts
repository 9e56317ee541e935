import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlace, openPlacedWeights } from '@draft/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'draft-web-'));
const content = Buffer.from('not quite weights');
const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
const paths: string[] = [];
let server: Server;
let base = '';
let cut = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    paths.push(request.url ?? '');
    if (!/\.(pth|json)$/.test(request.url ?? '')) return response.writeHead(404).end();
    if (request.url?.includes('broken')) return response.writeHead(500).end();
    response.writeHead(200, { 'content-length': content.length });
    if (cut === 0) return response.end(content);
    return response.write(content.subarray(0, cut), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  paths.length = 0;
  cut = 0;
  vi.stubEnv('DRAFT_CACHE', mkdtempSync(join(root, 'cache-')));
});
afterEach(() => vi.unstubAllEnvs());

describe('an address of the web', () => {
  it('is a file, or a folder, and is downloaded once', async () => {
    const seen: number[] = [];
    const onProgress = ({ received }: { readonly received: number }) => seen.push(received);
    const file = openPlace(`${base}/models/a-${hash}.pth`, { onProgress });
    expect(file.single).toBe(`a-${hash}.pth`);
    const path = await file.file(file.single!);
    expect(readFileSync(path!).equals(content)).toBe(true);
    expect(seen.at(-1)).toBe(content.length);
    expect(await file.file(file.single!)).toBe(path);
    const folder = openPlace(`${base}/models`);
    expect(folder.single).toBeNull();
    expect(await folder.file('model.json')).toMatch(/model\.json$/);
    expect(await folder.file('model.safetensors')).toBeNull();
    expect(paths).toEqual([`/models/a-${hash}.pth`, '/models/model.json', '/models/model.safetensors']);
  });

  it('is refused where the hash in its name is another', async () => {
    const name = 'alexnet-0a1b2c3d.pth';
    await expect(openPlace(`${base}/${name}`).file(name)).rejects.toThrow(
      /alexnet-0a1b2c3d\.pth cannot be had: what arrived has another SHA-256 than its name says\. Download it/,
    );
  });

  it('is named where it cannot be had, and nothing of it stays', async () => {
    const get = (name: string, options = {}) => openPlace(`${base}/${name}`, options).file(name);
    await expect(get('broken.pth')).rejects.toThrow(/broken\.pth cannot be had: the server answered 500/);
    cut = 5;
    await expect(get('cut.pth')).rejects.toThrow(/cut\.pth cannot be had: /);
    cut = 0;
    const offline = { environment: { HF_HUB_OFFLINE: '1' } };
    await expect(get('cut.pth', offline)).rejects.toThrow(/not in the cache, and HF_HUB_OFFLINE forbids/);
    await expect(get('cut.pth', { signal: AbortSignal.abort() })).rejects.toThrow(/interrupted/);
    expect(await get('cut.pth')).toMatch(/cut\.pth$/);
    await expect(openPlacedWeights(openPlace(`${base}/none.bin`))).rejects.toThrow(
      /none\.bin cannot be had: there is no such file/,
    );
    expect(() => openPlace('https://')).toThrow(/is no address of the web/);
  });
});
