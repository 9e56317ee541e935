import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPng } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraftHere } from './draft-process.js';

const model = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);
const quick = [
  ...['generate', '--model', model, '--steps', '2', '--guidance', '1', '--size', '32'],
  ...['--prompts', 'fox', '--prompts', 'bee', '--seed', '5', '--sampler', 'ddim'],
];

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-strategy-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('draft generate --strategy', () => {
  const draw = async (output: string, ...args: string[]) => {
    const { status, stderr } = await runDraftHere(folder, [...quick, '--output', output, ...args]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readPng(join(folder, output, 'grid.png')).width).toBeGreaterThan(2 * 192);
    return JSON.parse(readFileSync(join(folder, output, 'config.json'), 'utf8'));
  };

  it('keeps the reward of each picture, and draws none worse than without', async () => {
    const reward = ['--reward', 'symmetry:2', '--reward-set', 'symmetry.axis=top-bottom'];
    const plain = (await draw('plain', ...reward)).pictures;
    expect(plain).toMatchObject([
      { file: '0000.png', prompt: 'fox', seed: 5 },
      { file: '0001.png', prompt: 'bee', seed: 6 },
    ]);
    const best = await draw('best', ...reward, '--strategy', 'best-of', '--strategy-set', 'n=3');
    const optimised = ['--strategy', 'latent', '--strategy-set', 'iterations=2'];
    const latent = await draw('latent', ...reward, ...optimised);
    expect(latent.options).toMatchObject({ strategy: 'latent', strategySet: { iterations: 2 } });
    for (const i of [0, 1]) {
      expect(plain[i].reward).toBeCloseTo(2 * plain[i].rewards.symmetry, 6);
      expect(best.pictures[i].candidateRewards[0]).toBe(plain[i].reward);
      expect(best.pictures[i].reward).toBe(Math.max(...best.pictures[i].candidateRewards));
      expect(latent.pictures[i].rewardHistory).toHaveLength(3);
      // The picture without updates comes from another graph.
      expect(latent.pictures[i].rewardHistory[0]).toBeCloseTo(plain[i].reward, 5);
      expect(latent.pictures[i].reward).toBe(Math.max(...latent.pictures[i].rewardHistory));
    }
  });

  it('draws a template without any reward', async () => {
    const { pictures } = await draw(
      'template',
      ...['--strategy', 'prompt-template', '--strategy-set', 'template=a {} in a wood'],
    );
    expect(pictures.map(({ drawnPrompt }: { drawnPrompt: string }) => drawnPrompt)).toEqual([
      'a fox in a wood',
      'a bee in a wood',
    ]);
    expect(pictures[0].reward).toBeUndefined();
  });

  const symmetry = ['--reward', 'symmetry'];
  it.each<[string, string[]]>([
    ['--strategy must be best-of, prompt-template, latent (given: "luck")', ['--strategy', 'luck']],
    ['--strategy-set needs a strategy: choose one with --strategy.', ['--strategy-set', 'n=2']],
    ['--reward-set needs a reward: give one with --reward.', ['--reward-set', 'symmetry.axis=both']],
    [
      'The strategy best-of looks for pictures with a high reward: say which with --reward.',
      ['--strategy', 'best-of'],
    ],
    ['The strategy latent looks for', ['--strategy', 'latent']],
    [
      'The option "n" of the strategy "best-of" cannot be used',
      [...symmetry, '--strategy', 'best-of', '--strategy-set', 'n=0'],
    ],
    [
      'The strategy "best-of" has no option "iterations": it has n.',
      [...symmetry, '--strategy', 'best-of', '--strategy-set', 'iterations=2'],
    ],
    [
      'The strategy "latent" has no option "iteration": did you mean "iterations"?',
      [...symmetry, '--strategy', 'latent', '--strategy-set', 'iteration=2'],
    ],
    [
      'The option "learningRate" of the strategy "latent" cannot be used',
      [...symmetry, '--strategy', 'latent', '--strategy-set', 'learningRate=-1'],
    ],
    [
      'it has no {}, which is where the prompt goes (given: "an oil painting")',
      ['--strategy', 'prompt-template', '--strategy-set', 'template=an oil painting'],
    ],
    [
      'The reward jpeg-file-size has no gradient in the images: choose another one for the strategy latent.',
      ['--reward', 'jpeg-file-size', '--strategy', 'latent'],
    ],
    [
      'The reward diversity judges several pictures by one another: choose another one for the strategy best-of.',
      ['--reward', 'diversity', '--strategy', 'best-of'],
    ],
  ])('refuses in one sentence: %s', async (message, args) => {
    const { status, stderr } = await runDraftHere(folder, [...quick, '--output', 'refused', ...args]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });
});
