import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** Path under this package's fixtures. */
export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that goes away after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'draft-checkpoint-'));
  folders.push(folder);
  return folder;
}

function makeWritable(path: string): void {
  const directory = statSync(path).isDirectory();
  chmodSync(path, directory ? 0o755 : 0o644);
  if (directory) for (const name of readdirSync(path)) makeWritable(join(path, name));
}

/** A copy of a fixture's pipeline to break. */
export function copyPipeline(name = 'tiny'): string {
  const folder = join(temporaryFolder(), name);
  cpSync(fixturePath(`${name}/pipeline`), folder, { recursive: true });
  makeWritable(folder);
  return folder;
}

/** Changes fields of a JSON file; undefined removes one. */
export function editJson(path: string, changes: Readonly<Record<string, unknown>>): void {
  const before = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...before, ...changes }));
}
