import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { removeAbandoned } from '../src/temporary-folder.js';

const parent = mkdtempSync(join(tmpdir(), 'temporary-folder-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const make = (name: string): string => {
  const path = join(parent, name);
  mkdirSync(path);
  writeFileSync(join(path, 'model.safetensors'), 'large');
  return path;
};

it('removes the folders of programs that are gone, and no other', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const gone = make(`draft-full-size-${pid}-a`);
  const running = make(`draft-full-size-${process.pid}-b`);
  const other = make('draft-full-sizes');
  expect(removeAbandoned(parent)).toEqual([gone]);
  expect([gone, running, other].map(existsSync)).toEqual([false, true, true]);
});

it('leaves no folder behind when a signal ends the program', async () => {
  const source = JSON.stringify(new URL('../src/temporary-folder.ts', import.meta.url).href);
  const program = `const { makeTemporaryFolder } = await import(${source});
    console.log(makeTemporaryFolder(${JSON.stringify(parent)}));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const folder = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
  });
  expect(readdirSync(parent).map((name) => join(parent, name))).toContain(folder);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  expect(existsSync(folder)).toBe(false);
}, 60_000);
