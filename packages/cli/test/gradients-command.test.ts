import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors, writeSafetensors } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { norm } from '../src/run/vector-norm.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const fixture = (path: string) =>
  fileURLToPath(new URL(`../../models-stable-diffusion/test/fixtures/tiny/${path}`, import.meta.url));

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-gradients-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const base = [
  ...['gradients', '--model', fixture('pipeline'), '--reward', 'symmetry', '--size', '16x24'],
  ...['--steps', '3', '--guidance', '2', '--prompts', 'a fox', '--prompts', 'a bee', '--prompts', 'a cat'],
  ...['--lora', fixture('lora/pytorch_lora_weights.safetensors')],
];

const estimate = async (output: string, ...args: string[]) => {
  const run = await runDraftHere(folder, [...base, '--json', '--output', output, ...args]);
  expect(run.status, run.stderr).toBe(0);
  const { tensors } = readSafetensors(join(folder, output));
  const gradients = [...tensors]
    .filter(([name]) => name.startsWith('unet.'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { data }]) => data);
  return { report: JSON.parse(run.stdout), tensors, gradients };
};

describe('draft gradients', () => {
  it('keeps a gradient with all that it was computed from', async () => {
    const { report, tensors, gradients } = await estimate(
      'lv.safetensors',
      ...['--algorithm', 'draft-lv', '--sampler', 'ddpm', '--seed', '4'],
    );
    expect(report).toMatchObject({
      plan: { steps: 3, train: [1], stop: 0, detachInput: false, cutState: 1, copies: 2 },
      prompts: ['a fox', 'a bee', 'a cat'],
      guidance: 2,
      eta: null,
      dtype: 'float32',
    });
    expect(report.rewards).toHaveLength(3);
    expect(report.rewards).toEqual(report.scores.symmetry);
    expect(JSON.parse(readFileSync(join(folder, 'lv.json'), 'utf8'))).toEqual(report);
    // The noise of the last step is multiplied by zero, so none is drawn.
    const others = [...tensors.keys()].filter((name) => !name.startsWith('unet.')).sort();
    expect(others).toEqual([
      ...['images', 'latents.final', 'noise.copy.0', 'noise.copy.1'],
      ...['noise.initial', 'noise.step.2', 'noise.step.3'],
    ]);
    expect(tensors.get('images')?.shape).toEqual([3, 3, 16, 24]);
    for (const name of ['latents.final', 'noise.initial', 'noise.step.2', 'noise.copy.1']) {
      expect(tensors.get(name)?.shape).toEqual([3, 4, 8, 12]);
    }
    const { tensors: lora } = readSafetensors(fixture('lora/pytorch_lora_weights.safetensors'));
    for (const [name, { shape }] of lora) expect(tensors.get(name)?.shape, name).toEqual(shape);
    expect(gradients.length).toBe(lora.size);
    expect(report.norms.gradient).toBeCloseTo(norm(gradients), 12);
    expect(report.norms.gradient).toBeGreaterThan(0);
  });

  it('does not depend on how many samples are computed at once, nor on where the initial noise comes from', async () => {
    const args = ['--algorithm', 'drtune', '--set', 'k=2', '--sampler', 'ddpm'];
    const whole = await estimate('whole.safetensors', ...args, '--batch', '3');
    const { shape, data } = whole.tensors.get('noise.initial')!;
    writeSafetensors(join(folder, 'initial.safetensors'), { latents: { shape, data } });
    const parts = await estimate(
      'parts.safetensors',
      ...[...args, '--batch', '2', '--latents', 'initial.safetensors'],
    );
    expect(parts.tensors.get('noise.step.3')?.data).toEqual(whole.tensors.get('noise.step.3')?.data);
    expect(parts.report.plan).toEqual(whole.report.plan);
    const difference = whole.gradients.map((g, i) => g.map((value, j) => value - parts.gradients[i]![j]!));
    // Sums in another order: float32 rounding only.
    expect(norm(difference) / norm(whole.gradients)).toBeLessThan(1e-5);
  });

  it('starts from a fresh LoRA where none is given, and keeps it', async () => {
    const plain = base.slice(0, base.indexOf('--lora'));
    const run = await runDraftHere(folder, [
      ...[...plain, '--algorithm', 'draft', '--set', 'k=1', '--output', 'fresh.safetensors', '--rank', '2'],
    ]);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/^plan: trains step 1 of 3; runs to the end/m);
    const { tensors } = readSafetensors(join(folder, 'fresh.safetensors'));
    const layer = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q';
    const size = (name: string) => norm([tensors.get(`${name}.weight`)?.data ?? new Float32Array()]);
    // B starts at zero, so nothing gets through it to A.
    expect(size(`unet.${layer}.lora_A`)).toBe(0);
    expect(size(`unet.${layer}.lora_B`)).toBeGreaterThan(0);
    expect(size(`start.unet.${layer}.lora_A`)).toBeGreaterThan(0);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['more trained steps than there are', ['--algorithm', 'draft', '--set', 'k=4'], /option k of draft is 4/],
    ['an early stop at the first step', ['--early-stop', '3'], /^error: --early-stop is 3, but a chain of 3/],
    ['a folder for the file', ['--output', 'here'], /here is a folder, not a file: choose another --output/],
    ['no such LoRA', ['--lora', 'none.safetensors'], /There is no file none\.safetensors/],
    ['a mistyped option', ['--guidence', '3'], /did you mean --guidance\?/],
  ])('refuses %s in one sentence', async (_, args, message) => {
    mkdirSync(join(folder, 'here'), { recursive: true });
    const { status, stderr } = await runDraftHere(folder, [...base, ...args]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it('asks for prompts', async () => {
    const { status, stderr } = await runDraftHere(folder, ['gradients', '--reward', 'symmetry']);
    expect(stderr).toMatch(/^error: There are no prompts to sample: give some with --prompts/);
    expect(status).toBe(1);
  });
});
