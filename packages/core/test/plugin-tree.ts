import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** Writes files into a fresh folder that goes away after the test; objects are written as JSON. */
export const plantTree = (files: Readonly<Record<string, unknown>>): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'draft-plugins-')));
  roots.push(root);
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
};

/** A package.json that announces one plugin. */
export const manifest = (name: string, kind: string, id: string, more: object = {}): object => ({
  name,
  version: '1.2.3',
  type: 'module',
  draft: { apiVersion: 1, [`${kind}s`]: { [id]: { entry: './index.js', summary: `The ${id}.` } } },
  ...more,
});

/** The source of a working reward plugin. */
export const rewardSource = (id: string): string => `
export default {
  specVersion: 1, kind: 'reward', name: '${id}', description: 'The ${id}.',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  create: () => ({}),
};
`;
