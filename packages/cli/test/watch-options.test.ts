import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraftHere } from './draft-process.js';

const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-watching-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('draft train', () => {
  it.each<[string, readonly string[], string]>([
    [
      'a guard that could see nothing',
      ['--guard', 'stop', '--sample-every', '0'],
      '--guard stop looks at sample pictures, of which --sample-every 0 makes none: leave one of them out.',
    ],
    [
      'watched rewards that would never be asked',
      ['--watch-reward', 'rotation', '--sample-every', '0'],
      '--watch-reward looks at sample pictures, of which --sample-every 0 makes none: leave one of them out.',
    ],
    [
      'to watch what is trained on',
      ['--watch-reward', 'symmetry'],
      'The reward "symmetry" is given twice: give it once, with one weight, or to watch; or call one of them',
    ],
    ['an unknown reward to watch', ['--watch-reward', 'rotaton'], 'did you mean "rotation"'],
    ['no such action', ['--guard', 'halt'], '--guard must be off, warn, stop (given: "halt").'],
    ['a moving average of nothing new', ['--ema', '1'], '--ema must be less than 1 (given: 1).'],
    ['a dropout of everything', ['--lora-dropout', '1'], '--lora-dropout must be less than 1 (given: 1).'],
    [
      'a divergence of steps that do not learn',
      ['--algorithm', 'ddpo', '--kl-penalty', '1'],
      '--kl-penalty holds the sampling steps that learn to the base model, but ddpo does not',
    ],
  ])('refuses %s in one sentence', async (_, args, message) => {
    const given = ['train', '--model', tiny, '--prompts', 'a fox', '--reward', 'symmetry', ...args];
    const { status, stderr } = await runDraftHere(folder, given);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });
});
