import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLoraFile, readPng, readSafetensors, writeLoraFile } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLoraSteps } from '../src/config/parse-lora-steps.js';
import { parseScales } from '../src/config/parse-scales.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const fixtures = fileURLToPath(new URL('../../models-stable-diffusion/test/fixtures/tiny', import.meta.url));
const lora = join(fixtures, 'lora/pytorch_lora_weights.safetensors');
const quick = [
  ...['--model', join(fixtures, 'pipeline'), '--steps', '3', '--guidance', '1', '--size', '32'],
  ...['--prompts', 'fox', '--seed', '5', '--sampler', 'ddim', '--save-tensors'],
];

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-generate-')));
  const modules = readLoraFile(lora).modules.map((module) => ({
    ...module,
    down: module.down.toReversed(),
  }));
  writeLoraFile(join(folder, 'other.safetensors'), modules);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Final latents of the pictures, in the order of their files. */
const draw = async (output: string, ...args: string[]) => {
  const { status, stderr } = await runDraftHere(folder, ['generate', ...quick, '--output', output, ...args]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const { data, shape } = readSafetensors(join(folder, output, 'tensors.safetensors')).tensors.get(
    'latents',
  )!;
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => data.slice(i * size, (i + 1) * size));
};

const distance = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  a && b ? Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) : Number.NaN;

/** The LoRA's strength is in `B` where scales vary, and the sums are the same to rounding. */
const rounding = 1e-5;

describe('draft generate', () => {
  let plain: Float32Array | undefined;
  let adapted: Float32Array | undefined;
  beforeAll(async () => {
    [plain] = await draw('plain');
    [adapted] = await draw('adapted', '--lora', lora);
    expect(distance(plain, adapted)).toBeGreaterThan(0.01);
  });

  it('applies a LoRA at some of the steps', async () => {
    const at = async (steps: string) => (await draw('steps', '--lora', lora, '--lora-steps', steps))[0];
    expect(distance(await at('1:3'), adapted)).toBe(0);
    const [first, last] = [await at(':1'), await at('3')];
    const distances = [plain, adapted].flatMap((other) => [distance(first, other), distance(last, other)]);
    for (const moved of [...distances, distance(first, last)]) expect(moved).toBeGreaterThan(1e-4);
    // What the first step changes goes through the other two.
    const [late] = await draw('steps', '--lora', lora, '--lora-steps', '2:');
    expect(distance(late, adapted)).toBeGreaterThan(1e-4);
  });

  it('draws a sweep of scales, with a column each', async () => {
    const swept = await draw('sweep', '--lora', `${lora}:2`, '--scale-sweep', '0,0.5,-1', '--prompts', 'bee');
    expect(swept).toHaveLength(6);
    expect(distance(swept[0], plain)).toBe(0);
    expect(distance(swept[1], adapted)).toBeLessThan(rounding);
    expect(distance(swept[2], plain)).toBeGreaterThan(0.01);
    const { width, height } = readPng(join(folder, 'sweep/grid.png'));
    expect(width).toBeGreaterThan(3 * 192);
    expect(height).toBeGreaterThan(2 * 192);
    const names = readdirSync(join(folder, 'sweep')).filter((name) => name.endsWith('.png'));
    expect(names).toEqual([
      '0000.png',
      '0001.png',
      '0002.png',
      '0003.png',
      '0004.png',
      '0005.png',
      'grid.png',
    ]);
    const { variations } = JSON.parse(readFileSync(join(folder, 'sweep/config.json'), 'utf8'));
    expect(variations).toEqual([
      { strengths: [0], label: 'scale 0' },
      { strengths: [1], label: 'scale 1' },
      { strengths: [-2], label: 'scale −2' },
    ]);
  });

  it('draws two LoRAs at every pair of scales, a grid a picture', async () => {
    const pair = ['--lora', lora, '--lora', 'other.safetensors'];
    const mixed = await draw('mix', ...pair, '--mix-grid', '0,1', '--per-prompt', '2');
    expect(mixed).toHaveLength(8);
    const [both] = await draw('both', ...pair);
    const [second] = await draw('second', '--lora', 'other.safetensors');
    // Rows are scales of the second LoRA, columns those of the first.
    for (const [index, alone] of [plain, adapted, second, both].entries()) {
      expect(distance(mixed[index], alone)).toBeLessThan(rounding);
    }
    const names = readdirSync(join(folder, 'mix'));
    expect(names).toContain('grid-0000.png');
    expect(names).toContain('grid-0001.png');
    expect(names).not.toContain('grid.png');
  });

  it.each<[string, string[]]>([
    ['--lora-steps needs a LoRA: give one with --lora.', ['--lora-steps', '1:2']],
    [
      'two of the sampling steps 1 to 3, the first to run being 1 (given: "2:9")',
      ['--lora', lora, '--lora-steps', '2:9'],
    ],
    ['--scale-sweep needs a LoRA', ['--scale-sweep', '0,1']],
    ['with commas between them, such as 0,0.5,1 (given: "0;1")', ['--lora', lora, '--scale-sweep', '0;1']],
    ['--mix-grid needs two LoRAs: give --lora twice (given: 1).', ['--lora', lora, '--mix-grid', '0,1']],
    ['cannot be used together', ['--lora', lora, '--mix-grid', '0,1', '--scale-sweep', '1']],
  ])('refuses in one sentence: %s', async (message, args) => {
    const { status, stderr } = await runDraftHere(folder, [
      'generate',
      ...quick,
      '--output',
      'refused',
      ...args,
    ]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });
});

describe('parseLoraSteps', () => {
  it.each([
    ['2:5', 2, 5],
    [':5', 1, 5],
    ['2:', 2, 9],
    [' 3 : 3 ', 3, 3],
    ['7', 7, 7],
  ])('reads %s', (text, from, to) => expect(parseLoraSteps(text, 9)).toEqual({ from, to }));

  it.each(['', ':', '0:3', '5:2', '3:10', '1.5:2', '-1:2', 'a:b', '1:2:3'])('refuses %s', (text) => {
    expect(() => parseLoraSteps(text, 9)).toThrow('--lora-steps takes FROM:TO');
  });
});

describe('parseScales', () => {
  it('reads numbers from flags and configs', () => {
    expect(parseScales('--x', '0, 0.5,-1')).toEqual([0, 0.5, -1]);
    expect(parseScales('--x', 0.5)).toEqual([0.5]);
    expect(parseScales('--x', [1, 2])).toEqual([1, 2]);
  });

  it.each(['', '1,', 'x', '1;2', Array(17).fill('1').join(',')])('refuses %s', (text) => {
    expect(() => parseScales('--x', text)).toThrow('--x takes up to 16 numbers');
  });
});
