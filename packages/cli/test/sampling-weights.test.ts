import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJsonLines, readSafetensors, readSamplingFile, writeSamplingFile } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTrain } from '../src/config/parse-train.js';
import { samplingPath } from '../src/run/save-lora.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-sampling-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (...names: string[]) => join(folder, ...names);
const quick = [
  ...['--model', tiny, '--steps', '2', '--guidance', '3', '--batch', '1', '--size', '16'],
  ...['--prompts', 'a fox', '--sampler', 'ddim', '--seed', '5'],
];
const training = [
  ...[...quick, '--reward', 'symmetry', '--algorithm', 'drtune', '--set', 'k=2', '--set', 'm=0'],
  ...['--evaluate', '1', '--sample-every', '0', '--checkpoint-every', '1', '--guard', 'off'],
  ...['--rank', '2', '--learning-rate', '0.01'],
];

const draft = async (...args: string[]) => {
  const { status, stdout, stderr } = await runDraftHere(folder, args);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
};

/** Final latents of the pictures, in the order of their files. */
const draw = async (output: string, ...args: string[]): Promise<readonly Float32Array[]> => {
  await draft('generate', ...quick, '--save-tensors', '--output', output, ...args);
  const { data, shape } = readSafetensors(inFolder(output, 'tensors.safetensors')).tensors.get('latents')!;
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => data.slice(i * size, (i + 1) * size));
};

const distance = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  a && b ? Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) : Number.NaN;

// Whole commands on a back end without graphs, which take long beside other work.
describe('what guides sampling, from training to pictures', { timeout: 600_000 }, () => {
  it('is written beside the LoRA, and resumed to the bit', async () => {
    const parts = ['--train', 'lora,guidance', '--train', 'negative'];
    await draft('train', ...training, ...parts, '--iterations', '2', '--output', 'whole');
    await draft('train', ...training, ...parts, '--iterations', '1', '--output', 'halves');
    await draft('train', '--resume', 'halves', '--iterations', '2');
    for (const file of ['sampling.safetensors', 'lora.safetensors']) {
      expect(readFileSync(inFolder('halves', file)).equals(readFileSync(inFolder('whole', file))), file).toBe(
        true,
      );
    }
    const { guidance, negative } = readSamplingFile(inFolder('whole/sampling.safetensors'));
    expect(guidance!.timesteps).toHaveLength(2);
    // Two updates of 50 · 0.01 each at most.
    for (const weight of guidance!.weights) {
      expect(Math.abs(weight - 3)).toBeGreaterThan(0.1);
      expect(Math.abs(weight - 3)).toBeLessThan(1.01);
    }
    expect(negative!.shape[0]).toBe(1);
    const lines = readJsonLines(inFolder('whole/metrics.jsonl')) as { guidance: number[] }[];
    expect(lines[1]!.guidance).toEqual(guidance!.weights);
    for (const file of ['lora.safetensors', 'lora.kohya.safetensors']) {
      const { metadata } = readSafetensors(inFolder('whole', file));
      expect(metadata['draft.sampling']).toBe('sampling.safetensors');
    }
  });

  it('is drawn with at any scale, at some steps, and is missed where it is not there', async () => {
    const [plain] = await draw('plain');
    const [off, learnt] = await draw('sweep', '--lora', 'whole/lora.safetensors', '--scale-sweep', '0,1');
    // Guidance by a weight of the graph or by a constant of it: rounding.
    expect(distance(off, plain)).toBeLessThan(1e-5);
    expect(distance(learnt, plain)).toBeGreaterThan(1e-3);
    // The guidance that was learnt counts, not what is asked for.
    const [other] = await draw('other', '--lora', 'whole/lora.safetensors', '--guidance', '9');
    expect(distance(other, learnt)).toBeLessThan(1e-5);
    // Without the LoRA, and in the second of two steps only.
    const [late] = await draw('late', '--lora', 'whole/sampling.safetensors', '--lora-steps', '2');
    expect(distance(late, plain)).toBeGreaterThan(1e-4);
    expect(distance(late, learnt)).toBeGreaterThan(1e-4);

    rmSync(inFolder('halves/sampling.safetensors'));
    const said = await draft('generate', ...quick, '--lora', 'halves/lora.safetensors', '--output', 'alone');
    expect(said).toMatch(
      /halves\/lora\.safetensors was trained together with sampling weights in \S+, which/,
    );
  });

  it('is all that a run without a LoRA leaves, and its gradients are those of draft gradients', async () => {
    await draft('train', ...training, '--train', 'guidance', '--iterations', '1', '--output', 'guided');
    expect(existsSync(inFolder('guided/lora.safetensors'))).toBe(false);
    expect(JSON.parse(readFileSync(inFolder('guided/summary.json'), 'utf8')).lora).toBe(
      'sampling.safetensors',
    );
    const sampling = readSamplingFile(inFolder('guided/sampling.safetensors'));
    expect(Object.keys(sampling)).toEqual(['guidance']);
    const estimate = [
      ...[...quick, '--reward', 'symmetry', '--algorithm', 'drtune', '--set', 'k=2', '--set', 'm=0'],
      ...[
        '--train',
        'guidance,negative',
        '--lora',
        'guided/sampling.safetensors',
        '--output',
        'g.safetensors',
      ],
    ];
    await draft('gradients', ...estimate);
    const { train, norms } = JSON.parse(readFileSync(inFolder('g.json'), 'utf8'));
    expect(train).toEqual(['guidance', 'negative']);
    expect(Object.keys(norms.tensors).sort()).toEqual(['guidance', 'negative']);
    const { tensors } = readSafetensors(inFolder('g.safetensors'));
    expect([...tensors.keys()].filter((name) => name.startsWith('unet.'))).toEqual([]);
    expect(tensors.get('guidance')!.shape).toEqual([2]);
    expect(tensors.get('negative')!.shape).toEqual(tensors.get('start.negative')!.shape);
    expect(Array.from(tensors.get('start.guidance')!.data)).toEqual(sampling.guidance!.weights);
  });

  it('is begun with beside a fresh LoRA, which the file of gradients then keeps', async () => {
    const args = ['--reward', 'symmetry', '--algorithm', 'draft', '--set', 'k=1', '--rank', '2'];
    writeSamplingFile(inFolder('alone.safetensors'), { guidance: { weights: [4, 2], timesteps: [501, 1] } });
    const files = ['--lora', 'alone.safetensors', '--output', 'fresh.safetensors'];
    await draft('gradients', ...quick, ...args, ...files);
    const names = [...readSafetensors(inFolder('fresh.safetensors')).tensors.keys()];
    const gradients = names.filter((name) => name.startsWith('unet.'));
    expect(gradients.length).toBeGreaterThan(0);
    expect(names.filter((name) => name.startsWith('start.unet.'))).toEqual(
      gradients.map((name) => `start.${name}`),
    );
  });

  it.each<[string, readonly string[], RegExp]>([
    ['an unknown part', ['--train', 'guidence'], /--train guidence is nothing .* did you mean guidance\?/],
    [
      'no part',
      ['--train', ','],
      /--train names nothing to train: give one or several of lora, guidance, negative/,
    ],
    ['negative without guidance', ['--train', 'negative', '--guidance', '1'], /Without guidance there is no/],
  ])('refuses %s in one sentence', async (_, args, message) => {
    const { status, stderr } = await runDraftHere(folder, ['train', ...training, ...args]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});

describe('parseTrain', () => {
  it.each([
    ['lora', ['lora']],
    [' negative, lora ', ['lora', 'negative']],
    [
      ['guidance', 'guidance,lora'],
      ['lora', 'guidance'],
    ],
  ] as const)('reads %j', (asked, parts) => {
    expect(parseTrain(asked)).toEqual(parts);
  });

  it.each(['', ' , ', []])('refuses %j, which names nothing', (asked) => {
    expect(() => parseTrain(asked)).toThrow(
      '--train names nothing to train: give one or several of lora, guidance, negative.',
    );
  });
});

describe('samplingPath', () => {
  it.each([
    ['run/lora.safetensors', 'run/sampling.safetensors'],
    ['run/lora.best.safetensors', 'run/sampling.best.safetensors'],
    ['other.safetensors', 'sampling.other.safetensors'],
  ])('of %s is %s', (path, expected) => {
    expect(samplingPath(path)).toBe(expected);
  });
});
