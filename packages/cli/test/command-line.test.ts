import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const tool = fileURLToPath(new URL('../../../tools/draft.mjs', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-cli-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `draft` as a person does, in an empty folder. */
const draft = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, DRAFT_DEBUG: '', DRAFT_BACKEND: '' },
  });
  return { status, stdout, stderr };
};

/** What stderr must be after bad input: one line, and no trace of where it was found. */
const oneSentence = /^error: [^\n]+\n$/;

describe('draft', () => {
  it('lists what came with it, from any folder', () => {
    const { status, stdout, stderr } = draft('list');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^samplers$/m);
    expect(stdout).toMatch(/ddim +@draft\/sampler-ddim +\d+\.\d+\.\d+ +\S/);
  });

  it('lists one kind as JSON', () => {
    const { plugins } = JSON.parse(draft('list', 'samplers', '--json').stdout);
    expect(plugins.map(({ id }: { id: string }) => id)).toEqual(['ddim', 'ddpm', 'dpmpp', 'euler']);
  });

  it('describes the options of a plugin', () => {
    const { status, stdout } = draft('describe', 'sampler', 'ddim');
    expect(status).toBe(0);
    expect(stdout).toMatch(/eta +number ≥ 0, ≤ 1 +0/);
    expect(stdout).toContain('draft train --sampler ddim --sampler-set eta=0');
  });

  it('shows its help where nothing is asked', () => {
    const { status, stdout } = draft();
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: draft');
  });

  it.each([
    [['lst'], /Unknown command 'lst': did you mean list\?/],
    [['list', 'rewrads'], /did you mean "reward"\?/],
    [['list', '--jsn'], /Unknown option '--jsn': did you mean --json\?/],
    [['describe', 'reward', 'symetry'], /did you mean "symmetry".*npm i /],
    [['describe', 'reward', 'ddim'], /is a sampler .*: use --sampler ddim/],
    [['describe', 'sampler'], /Missing required argument 'name'/],
  ])('refuses %j in one sentence', (args, message) => {
    const { status, stdout, stderr } = draft(...args);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
  });
});
