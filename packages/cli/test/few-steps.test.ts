import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJsonLines, readLoraFile } from '@draft/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runDraftHere } from './draft-process.js';

const fixtures = fileURLToPath(new URL('../../models-stable-diffusion/test/fixtures', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-few-steps-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trained = [
  ...['--prompts', 'a fox', '--reward', 'symmetry', '--batch', '1', '--iterations', '2', '--rank', '2'],
  ...['--evaluate', '1', '--guard', 'off', '--sample-every', '0', '--size', '16x24', '--steps', '2'],
];

it.each<[string, string, readonly string[], RegExp | null]>([
  ['a latent consistency model', 'lcm', ['--sampler', 'lcm', '--guidance', '1'], null],
  [
    'one with guidance on top of its own',
    'lcm',
    ['--sampler', 'lcm', '--guidance', '3', '--model-set', 'imitatedGuidance=6'],
    /^warning: this model imitates a guidance of 6 by itself, and --guidance 3 is applied on top of it/m,
  ],
  [
    'an SDXL as SDXL-Turbo is drawn with',
    'xl',
    [
      ...['--sampler', 'euler', '--sampler-set', 'ancestral=true', '--sampler-set', 'spacing=trailing'],
      ...['--guidance', '1'],
    ],
    null,
  ],
])(
  '%s is trained in two steps',
  async (_, model, args, warning) => {
    const { status, stdout, stderr } = await runDraftHere(folder, [
      ...['train', '--model', join(fixtures, model, 'pipeline'), ...trained, ...args],
      ...['--algorithm', 'draft', '--set', 'k=2', '--output', `run-${args.length}`],
    ]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    if (warning) expect(stdout).toMatch(warning);
    else expect(stdout).not.toContain('warning');
    const metrics = readJsonLines(join(folder, `run-${args.length}`, 'metrics.jsonl')) as {
      readonly gradientNorm: number;
    }[];
    expect(metrics).toHaveLength(2);
    for (const { gradientNorm } of metrics) expect(gradientNorm).toBeGreaterThan(0);
    const { modules } = readLoraFile(join(folder, `run-${args.length}`, 'lora.safetensors'));
    // B begins at zero: what is in it was learnt.
    expect(modules.some(({ up }) => up.some((value) => value !== 0))).toBe(true);
  },
  240_000,
);
