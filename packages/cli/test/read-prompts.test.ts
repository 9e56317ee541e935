import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPrompts } from '../src/setup/read-prompts.js';
import { oneSentence, runDraftHere } from './draft-process.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-prompts-'));
  mkdirSync(join(folder, 'folder.txt'));
  writeFileSync(join(folder, 'list.txt'), '# animals\n a fox \r\n\na bee\n');
  writeFileSync(join(folder, 'blank.txt'), '\n# nothing\n');
  writeFileSync(join(folder, 'none.yaml'), 'reward: symmetry\nprompts: []\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('readPrompts', () => {
  const sets = { animals: ['a cat', 'a dog'] };
  const read = (given: string | readonly string[]) => readPrompts(given, sets, folder);

  it('takes names of sets, files and texts, in their order', () => {
    expect(read(['animals', 'list.txt', 'an owl'])).toEqual(['a cat', 'a dog', 'a fox', 'a bee', 'an owl']);
    expect(read('animals')).toEqual(['a cat', 'a dog']);
  });

  it('takes a word for a prompt that every object knows as a property', () => {
    expect(read(['constructor', 'toString', '__proto__'])).toEqual(['constructor', 'toString', '__proto__']);
  });

  it.each([
    ['nothing.txt', 'The prompts in nothing.txt cannot be read: there is no such file.'],
    ['folder.txt', 'The prompts in folder.txt cannot be read: it is a folder.'],
    ['blank.txt', 'blank.txt holds no prompts: write one a line.'],
  ])('refuses %s', (given, message) => {
    expect(() => read(given)).toThrow(message);
  });

  it.each([
    ['train', 'none.yaml'],
    ['generate', 'empty.yaml'],
  ])('an empty list is refused by draft %s', async (command, config) => {
    writeFileSync(join(folder, 'empty.yaml'), 'prompts: []\n');
    const { status, stderr } = await runDraftHere(folder, [command, '--config', config]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain('There are no prompts to');
    expect(status).toBe(1);
  });
});
