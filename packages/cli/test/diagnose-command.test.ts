import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneSentence, runDraftHere } from './draft-process.js';

const fixture = (path: string) =>
  fileURLToPath(new URL(`../../models-stable-diffusion/test/fixtures/tiny/${path}`, import.meta.url));

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-diagnose-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const base = [
  ...['diagnose', '--model', fixture('pipeline'), '--size', '16', '--steps', '2', '--guidance', '1'],
  ...['--prompts', 'a fox', '--samples', '1', '--repeats', '1'],
];
const lora = ['--lora', fixture('lora/pytorch_lora_weights.safetensors')];

it('draft diagnose measures DRaFT-K for every K and every reward', async () => {
  const rewards = ['--reward', 'symmetry', '--reward', 'compressibility:10'];
  const run = await runDraftHere(folder, [...base, ...lora, ...rewards, '--output', 'found', '--json']);
  expect(run.status, run.stderr).toBe(0);
  const report = JSON.parse(run.stdout);
  expect(JSON.parse(readFileSync(join(folder, 'found/diagnosis.json'), 'utf8'))).toEqual(report);
  for (const name of ['gradient-norm.svg', 'angle.svg', 'reward-norms.svg', 'reward-cosines.svg']) {
    expect(existsSync(join(folder, 'found', name))).toBe(true);
  }
  expect(report.k).toEqual([1, 2]);
  expect(report.angles[0].mean).toBeCloseTo(0, 5);
  expect(report.norms[1].mean).toBeGreaterThan(0);
  expect(report.rewards.map(({ name }: { name: string }) => name)).toEqual(['symmetry', 'compressibility']);

  // A reward's own norm knows nothing of its weight, nor of the other reward.
  const own = await runDraftHere(folder, [
    ...[...base, ...lora, '--reward', 'compressibility', '--depth', '1', '--output', 'own', '--json'],
  ]);
  const alone = JSON.parse(own.stdout);
  expect(alone.k).toEqual([1]);
  const ratio = report.rewards[1].norms[0].mean / alone.norms[0].mean;
  // Another graph, so rounding differs.
  expect(Math.abs(ratio - 1)).toBeLessThan(1e-3);
}, 180_000);

it.each<[string, readonly string[], RegExp]>([
  [
    'more steps than there are',
    ['--reward', 'symmetry', '--depth', '3'],
    /--depth is 3, but there are only 2/,
  ],
  ['no reward', [], /--reward NAME\[:WEIGHT\] is missing/],
  ['a file for the folder', ['--reward', 'symmetry', '--output', 'taken'], /taken is a file, not a folder/],
])('draft diagnose refuses %s in one sentence', async (_, args, message) => {
  writeFileSync(join(folder, 'taken'), '');
  const { status, stderr } = await runDraftHere(folder, [...base, ...args]);
  expect(stderr).toMatch(oneSentence);
  expect(stderr).toMatch(message);
  expect(status).toBe(1);
});
