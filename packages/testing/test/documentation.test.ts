import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { algorithmChecks, type ConformanceCheck, rewardChecks } from '../src/index.js';
import { failures } from './failures.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-documents-')));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example of a document that begins with a comment of its file's name, imported. */
const importExample = async (document: string, name: string): Promise<Record<string, unknown>> => {
  const text = readFileSync(join(root, document), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
  const source = blocks.find((block) => block.startsWith(`// ${name}`) || block.includes(name)) ?? '';
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  const path = join(folder, `${document.replace(/\W+/g, '-')}-${name.replace(/\W+/g, '-')}.mjs`);
  writeFileSync(path, outputText);
  return import(/* @vite-ignore */ pathToFileURL(path).href);
};

describe('the examples of the documents work', () => {
  it.each([
    ['README.md', 'brightness.ts'],
    ['docs/writing-a-reward.md', 'brightness.ts'],
  ])('%s: %s', async (document, name) => {
    const { default: plugin } = await importExample(document, name);
    const checks: readonly ConformanceCheck[] = rewardChecks(plugin as never, { backends: ['cpu'] });
    expect(checks.length).toBeGreaterThan(8);
    await expect(failures(checks)).resolves.toEqual({});
  });

  it('docs/writing-a-reward.md: the reward that reads the prompt', async () => {
    const { createColourMatch } = await importExample('docs/writing-a-reward.md', 'createColourMatch');
    const { default: brightness } = await importExample('README.md', 'brightness.ts');
    const plugin = { ...(brightness as object), readsPrompts: true, create: createColourMatch };
    const prompts = ['a red fox', 'a bird', 'green grass'];
    await expect(failures(rewardChecks(plugin as never, { backends: ['cpu'], prompts }))).resolves.toEqual(
      {},
    );
  });

  it('docs/writing-an-algorithm.md: refl.ts', async () => {
    const { default: plugin } = await importExample('docs/writing-an-algorithm.md', 'refl.ts');
    await expect(failures(algorithmChecks(plugin as never))).resolves.toEqual({});
  });
});
