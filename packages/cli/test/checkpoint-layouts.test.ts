import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJsonLines, readLoraFile, readPng, readSafetensors } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSingleFile } from '../../models-stable-diffusion/test/support/write-single-file.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const fixtures = fileURLToPath(new URL('../../models-stable-diffusion/test/fixtures', import.meta.url));
const pipeline = (name: string) => join(fixtures, name, 'pipeline');

let folder = '';
const inFolder = (...parts: string[]) => join(folder, ...parts);
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-layouts-')));
  for (const name of ['tiny', 'xl']) writeSingleFile(pipeline(name), inFolder(`${name}.safetensors`));
  cpSync(join(fixtures, 'tiny/model.ckpt'), inFolder('tiny.ckpt'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The flags by which a single file of a fixture is loaded: it is much smaller than what is published. */
const single = (file: string) => [
  ...['--model', file],
  ...['--model-set', `config=${pipeline(file.split('.')[0] ?? '')}`],
];
const prompt = ['--prompts', 'a fox', '--steps', '2', '--guidance', '2', '--seed', '3'];

/** Runs a command that is to succeed, and gives what it printed. */
const draft = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await runDraftHere(folder, args);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
};

/** Final latents of one picture, and what was printed. */
const draw = async (...args: string[]) => {
  const printed = await draft('generate', ...prompt, '--save-tensors', '--output', 'drawn', ...args);
  const { tensors } = readSafetensors(inFolder('drawn/tensors.safetensors'));
  return { printed, latents: [...tensors.get('latents')!.data], images: tensors.get('images')! };
};

const furthest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));

describe('a model in a single file', { timeout: 300_000 }, () => {
  it.each(['tiny.safetensors', 'tiny.ckpt', 'xl.safetensors'])(
    'draws what its folder draws, to the bit: %s',
    async (file) => {
      const name = file.split('.')[0] ?? '';
      const own = await draw(...single(file), '--size', '48x64');
      expect(own.images.shape).toEqual([1, 3, 48, 64]);
      const { latents } = await draw('--model', pipeline(name), '--size', '48x64');
      expect(own.latents).toEqual(latents);
      const { model } = JSON.parse(readFileSync(inFolder('drawn/config.json'), 'utf8'));
      expect(model.description).toMatch(name === 'xl' ? /Stable Diffusion XL/ : /Stable Diffusion, predicts/);
    },
  );

  it('is refused with what it is where it is none, or built otherwise than the published model', async () => {
    const refused = async (...args: string[]) => {
      const { status, stderr } = await runDraftHere(folder, ['generate', ...prompt, ...args]);
      expect(status).toBe(1);
      expect(stderr).toMatch(oneSentence);
      return stderr;
    };
    const lora = join(fixtures, 'tiny/lora/pytorch_lora_weights.safetensors');
    expect(await refused('--model', lora)).toContain('is a LoRA: give it with --lora');
    expect(await refused('--model', 'tiny.safetensors')).toContain(
      'does not fit the published architecture of Stable Diffusion 1.x',
    );
    expect(await refused(...single('tiny.safetensors'), '--size', '61x64')).toMatch(
      /height must be a multiple of \d pixels for this model, not 61/,
    );
    expect(await refused(...single('tiny.safetensors'), '--model-set', 'tiles=3')).toContain('"tiles"');
  });

  it('decodes in tiles where that is asked for', async () => {
    const at = (tiles: string) =>
      draw(
        ...single('tiny.safetensors'),
        '--size',
        '32x96',
        '--steps',
        '1',
        '--model-set',
        `vaeTiles=${tiles}`,
      );
    const [whole, tiled] = [await at('off'), await at('64')];
    expect(tiled.images.shape).toEqual([1, 3, 32, 96]);
    expect(tiled.latents).toEqual(whole.latents);
    expect(furthest([...tiled.images.data], [...whole.images.data])).toBeGreaterThan(1e-3);
  });
});

describe('an SDXL in a single file', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    const printed = await draft(
      ...[
        'train',
        ...single('xl.safetensors'),
        '--size',
        '48x64',
        '--prompts',
        'a fox',
        '--reward',
        'symmetry',
      ],
      ...['--algorithm', 'drtune', '--set', 'k=1', '--sampler', 'dpmpp', '--steps', '3', '--guidance', '5'],
      ...[
        '--pixel-shift',
        '2',
        '--learning-rate',
        '0.02',
        '--batch',
        '1',
        '--iterations',
        '2',
        '--rank',
        '2',
      ],
      ...['--targets', 'all-linear', '--evaluate', '1', '--guard', 'off', '--sample-every', '0'],
      ...['--output', 'run'],
    );
    expect(printed.trim().split('\n').at(-1)).toBe('run: run');
  }, 300_000);

  it('trains by DRTune’s recipe at a size that is no square', () => {
    expect(readJsonLines(inFolder('run/metrics.jsonl'))).toHaveLength(2);
    const { options } = JSON.parse(readFileSync(inFolder('run/config.json'), 'utf8'));
    expect(options).toMatchObject({ pixelShift: 2, size: '48x64', modelSet: { config: pipeline('xl') } });
    expect(readPng(inFolder('run/before-after.png')).width).toBeGreaterThan(2 * 64);
  });

  it('leaves a LoRA with the names that kohya’s scripts have for SDXL, and its size', () => {
    const kohya = readSafetensors(inFolder('run/lora.kohya.safetensors'));
    const names = [...kohya.tensors.keys()];
    expect(
      names.every((name) => /^lora_unet_(input_blocks_\d_1|middle_block_1|output_blocks_\d_1)_/.test(name)),
    ).toBe(true);
    expect(kohya.metadata).toMatchObject({
      ss_base_model_version: 'sdxl_base_v1-0',
      'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora',
      'modelspec.resolution': '64x48',
    });
    const [peft, other] = ['lora', 'lora.kohya'].map((name) =>
      readLoraFile(inFolder(`run/${name}.safetensors`)),
    );
    expect(peft!.modules.map(({ layer }) => layer).sort()).toEqual(
      other!.modules.map(({ layer }) => layer).sort(),
    );
    expect(names).toHaveLength(3 * peft!.modules.length);
  });

  it('draws with either file, also on the folder, and warns of another size', async () => {
    const own = ['--size', '48x64'];
    const plain = await draw(...single('xl.safetensors'), ...own);
    const peft = await draw(...single('xl.safetensors'), ...own, '--lora', 'run/lora.safetensors');
    const kohya = await draw('--model', pipeline('xl'), ...own, '--lora', 'run/lora.kohya.safetensors');
    expect(furthest(peft.latents, plain.latents)).toBeGreaterThan(1e-3);
    // α / r is 1 here; the factors are the same numbers.
    expect(furthest(kohya.latents, peft.latents)).toBeLessThan(1e-6);
    expect(peft.printed).not.toContain('warning');
    const { printed } = await draw(...single('xl.safetensors'), '--lora', 'run/lora.kohya.safetensors');
    expect(printed).toContain(
      'warning: run/lora.kohya.safetensors was trained on pictures of 48x64, and draws ones of 64x64',
    );
  });

  it('takes the LoRA up in a copy of the file, which draws the same', async () => {
    const args = ['lora', 'merge', 'run/lora.kohya.safetensors:0.5', '--into'];
    const printed = await draft(...args, 'xl.safetensors', '--output', 'merged.safetensors');
    expect(printed).toMatch(/merged\.safetensors: xl\.safetensors with \d+ layers changed\n$/);
    const model = ['--model', 'merged.safetensors', '--model-set', `config=${pipeline('xl')}`];
    const merged = await draw(...model, '--size', '48x64');
    const own = [...single('xl.safetensors'), '--size', '48x64'];
    const adapted = await draw(...own, '--lora', 'run/lora.safetensors:0.5');
    const plain = await draw(...own);
    expect(furthest(merged.latents, adapted.latents)).toBeLessThan(1e-4); // float32 in another order
    expect(furthest(merged.latents, plain.latents)).toBeGreaterThan(1e-3);
    for (const [into, output, message] of [
      ['tiny.ckpt', 'x.safetensors', 'where it is a .safetensors, and makes one (--into: tiny.ckpt)'],
      ['xl.safetensors', 'x', 'where it is a .safetensors, and makes one (--output: x)'],
      ['tiny.safetensors', 'x.safetensors', 'cannot be merged into'],
    ] as const) {
      const { status, stderr } = await runDraftHere(folder, [...args, into, '--output', output]);
      expect(status).toBe(1);
      expect(stderr).toMatch(oneSentence);
      expect(stderr).toContain(message);
    }
  });

  it('goes on with training, and is evaluated', async () => {
    await draft('train', '--resume', 'run', '--iterations', '3');
    expect(readJsonLines(inFolder('run/metrics.jsonl'))).toHaveLength(3);
    const printed = await draft(
      ...['evaluate', ...single('xl.safetensors'), ...prompt, '--lora', 'run/lora.safetensors'],
      ...['--reward', 'symmetry', '--per-prompt', '1', '--size', '64x48', '--output', 'evaluation'],
    );
    expect(printed).toContain('warning: run/lora.safetensors was trained on pictures of 48x64');
    const { variants } = JSON.parse(readFileSync(inFolder('evaluation/summary.json'), 'utf8'));
    const means = (variants as { measures: { symmetry: { mean: number } } }[]).map(
      ({ measures }) => measures.symmetry.mean,
    );
    expect(means[1]).not.toBe(means[0]);
    expect(readPng(inFolder('evaluation/pictures/base/00000-0.png'))).toMatchObject({
      width: 48,
      height: 64,
    });
  });
});
