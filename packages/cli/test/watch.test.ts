import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@draft/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunFolder } from '../src/run/run-folder.js';
import { readView } from '../src/watch/read-view.js';
import { renderView } from '../src/watch/render-view.js';
import { serveWatch, type WatchServer } from '../src/watch/watch-server.js';
import { oneSentence, runDraftHere } from './draft-process.js';

let root = '';
let server: WatchServer | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'draft-watch-'));
  mkdirSync(join(root, 'run/samples'), { recursive: true });
  write('config.json', {
    options: { reward: ['symmetry', '@acme/x:-0.5'], algorithm: 'drtune', iterations: 4 },
    prompts: ['a <b>', 'fox'],
    command: 'draft train --reward "x"',
  });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(root, { recursive: true, force: true });
});

const write = (name: string, ...values: readonly unknown[]) =>
  writeFileSync(join(root, 'run', name), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
const line = (iteration: number) => ({
  ...{ iteration, rewardQueries: 4 * iteration, reward: iteration, rewards: { symmetry: iteration } },
  ...{ gradientNorm: 1, learningRate: 1e-3, seconds: 30 },
});
const reading = (iteration: number, diversity: number, signs: readonly string[] = []) => {
  const reward = { mean: iteration, deviation: 1 };
  const set = { reward, rewards: { symmetry: iteration }, watched: { rotation: reward } };
  return { iteration, train: set, heldOut: null, diversity, steepness: 0.1, signs };
};
const view = (now = Date.now()) => readView(openRunFolder('run', root), now);

describe('the view of a run', () => {
  it('begins with next to nothing', () => {
    const empty = view();
    expect(empty).toMatchObject({ title: 'symmetry + @acme/x with drtune', state: 'stopped', total: 4 });
    expect(renderView(empty)).toContain('not running, 0 of 4 iterations');
  });

  it('shows curves and strips as they come, and how long it will take', () => {
    write('lock', {});
    write('metrics.jsonl', line(1), line(2));
    write('watch.jsonl', reading(0, 0.5), reading(2, 0.4));
    for (const name of ['000002.png', '000000.png', 'all.png']) {
      const png = encodePng({ width: 2, height: 1, data: new Uint8Array(6) });
      writeFileSync(join(root, 'run/samples', name), png);
    }
    expect(view().samples).toEqual(['000000.png', '000002.png']);
    const html = renderView(view());
    expect(html).toContain('iteration 2 of 4');
    expect(html).toContain('<dd>1 min</dd>');
    expect(html).toContain('a &lt;b&gt; · fox');
    expect(html.indexOf('samples/000000.png')).toBeLessThan(html.indexOf('samples/000002.png'));
    // Training, the reward of finished pictures, what is watched, diversity, steepness.
    expect(html.match(/<svg/g)).toHaveLength(5);
    expect(html).not.toContain('class="warning"');
  });

  it('knows a run that was killed by its silent lock', () => {
    write('lock', {});
    expect(view().state).toBe('running');
    const past = new Date(Date.now() - 150_000);
    utimesSync(join(root, 'run/lock'), past, past);
    expect(view().state).toBe('stopped');
    // A process of this machine may be too busy to touch it, but it is there.
    write('lock', { pid: process.pid, host: hostname() });
    utimesSync(join(root, 'run/lock'), past, past);
    expect(view().state).toBe('running');
    write('lock', { pid: 2 ** 22 + 1, host: hostname() });
    expect(view().state).toBe('stopped');
  });

  it('warns of what the guard has seen twice', () => {
    write('watch.jsonl', reading(0, 0.5), reading(2, 0.1, ['diversity']));
    expect(renderView(view())).not.toContain('class="warning"');
    const lasting = [reading(2, 0.1, ['diversity', 'steepness']), reading(4, 0.1, ['diversity'])];
    write('watch.jsonl', reading(0, 0.5), ...lasting);
    expect(renderView(view())).toContain('cheated.</strong> diversity.');
  });

  it('survives files that are being written', () => {
    writeFileSync(join(root, 'run/metrics.jsonl'), `${JSON.stringify(line(1))}\n{"iter`);
    writeFileSync(join(root, 'run/summary.json'), '{');
    expect(view()).toMatchObject({ done: 1, state: 'stopped' });
  });
});

describe('the server', () => {
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; body: string; etag: string }>((resolve, reject) => {
      const url = new URL(path, server?.url);
      request(url, { method, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            etag: String(response.headers.etag),
          }),
        );
      })
        .on('error', reject)
        .end();
    });

  it('gives the page, and news only where there are any', async () => {
    server = await serveWatch(openRunFolder('run', root), 0, Date.now);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await get('/')).body).toContain('<title>symmetry + @acme/x with drtune</title>');
    const { etag } = await get('/view');
    expect((await get('/view', { 'if-none-match': etag })).status).toBe(304);
    write('metrics.jsonl', line(1));
    const news = await get('/view', { 'if-none-match': etag });
    expect(news.status).toBe(200);
    expect(news.body).toContain('Reward in training');
  });

  it('gives nothing else of the machine, and nothing to others', async () => {
    server = await serveWatch(openRunFolder('run', root), 0, Date.now);
    for (const path of ['/config.json', '/samples/..%2fconfig.json', '/samples/all.png', '/samples/1.png']) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await get('/', { host: 'evil.example' })).status).toBe(403);
    expect((await get('/', {}, 'POST')).status).toBe(405);
  });

  it('says what to do about a port that is in use, and a folder that is no run', async () => {
    server = await serveWatch(openRunFolder('run', root), 0, Date.now);
    const port = new URL(server.url).port;
    const taken = await runDraftHere(root, ['watch', 'run', '--port', port]);
    expect(taken.stderr).toMatch(oneSentence);
    expect(taken.stderr).toContain(`Port ${port} is in use, perhaps by another draft watch: choose another`);
    expect(taken.status).toBe(1);
    const none = await runDraftHere(root, ['watch', 'nothing']);
    expect(none.stderr).toMatch(/^error: nothing holds no run: give the folder that draft train writes/);
    const wrong = await runDraftHere(root, ['watch', 'run', '--port', 'http']);
    expect(wrong.stderr).toMatch(/^error: --port takes a number from 0 to 65535 \(given: "http"\)/);
  });
});
