import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraft, runDraftHere } from './draft-process.js';

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-cli-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const draft = (...args: string[]) => runDraft(folder, args);

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
    expect(plugins.map(({ id }: { id: string }) => id)).toEqual(['ddim', 'ddpm', 'dpmpp', 'euler', 'lcm']);
  });

  it('describes the options of a plugin', () => {
    const { status, stdout } = draft('describe', 'sampler', 'ddim');
    expect(status).toBe(0);
    expect(stdout).toMatch(/eta +number ≥ 0, ≤ 1 +0/);
    expect(stdout).toContain('draft train --sampler ddim --sampler-set eta=0');
  });

  it('shows what a reward downloads, with its licence and size', () => {
    const { status, stdout } = draft('describe', 'reward', 'diversity');
    expect(status).toBe(0);
    expect(stdout).toContain('LPIPS 0.1 on AlexNet (network alex) (BSD-2-Clause, 6 kB), https://');
    expect(stdout).toContain(
      'VGG16 (distance lpips, network vgg) (BSD-3-Clause (torchvision), 553 MB), https://',
    );
  });

  it('shows its help where nothing is asked', () => {
    const { status, stdout } = draft();
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: draft');
  });

  it('refuses what it does not know with status 1', () => {
    const { status, stderr } = draft('lst');
    expect(status).toBe(1);
    expect(stderr).toMatch(oneSentence);
  });

  it.each([
    [['lst'], /Unknown command 'lst': did you mean list\?/],
    [['list', 'rewrads'], /did you mean "reward"\?/],
    [['list', '--jsn'], /Unknown option '--jsn': did you mean --json\?/],
    [['describe', 'reward', 'symetry'], /did you mean "symmetry" \(@draft\/reward-symmetry \d/],
    [['describe', 'reward', 'ddim'], /is a sampler .*: use --sampler ddim/],
    [['describe', 'sampler'], /Missing required argument 'name'/],
  ])('refuses %j in one sentence', async (args, message) => {
    const { status, stdout, stderr } = await runDraftHere(folder, args);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
  });
});
