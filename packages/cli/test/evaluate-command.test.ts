import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  companionMetadata,
  readPng,
  readSafetensors,
  writeSafetensors,
  writeSamplingFile,
} from '@draft/core';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraftHere } from './draft-process.js';

const fixtures = fileURLToPath(new URL('../../models-stable-diffusion/test/fixtures/tiny', import.meta.url));
const lora = join(fixtures, 'lora/pytorch_lora_weights.safetensors');
const quick = [
  ...[
    '--model',
    join(fixtures, 'pipeline'),
    '--steps',
    '2',
    '--guidance',
    '1',
    '--size',
    '32',
    '--seed',
    '5',
  ],
];
const set =
  'Prompt\tCategory\tChallenge\na "red" fox, asleep\tAnimals\tBasic\na bee\tAnimals\tComplex\nlove\tAbstract\tBasic\n';
const compared = [
  ...['--prompts', 'parti.tsv', '--per-prompt', '2', '--batch', '4', '--lora', 'own.safetensors'],
  ...['--scales', '0,0.5,1', '--reward', 'symmetry', '--reward', 'jpeg-file-size:-1'],
  ...['--strategy', 'best-of', '--strategy-set', 'best-of.n=2', '--show', '2'],
];

let folder = '';
const inFolder = (...parts: string[]) => join(folder, ...parts);
const read = (...parts: string[]) => readFileSync(inFolder(...parts), 'utf8');
const run = (...args: string[]) => runDraftHere(folder, ['evaluate', ...quick, ...args]);

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-evaluate-')));
  writeFileSync(inFolder('parti.tsv'), set);
  writeFileSync(inFolder('own.safetensors'), readFileSync(lora));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Whole evaluations, on a machine that may be busy.
describe('draft evaluate', { timeout: 240_000 }, () => {
  beforeAll(async () => {
    const formats = ['csv', 'json', 'parquet'].flatMap((format) => ['--format', format]);
    const { status, stdout, stderr } = await run(...compared, ...formats, '--output', 'whole');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/base +LoRA × 0\.5 +LoRA × 1 +best-of\n/);
    expect(stdout).toMatch(/report: whole\/report\.html\nevaluation: whole\n$/);
  });

  it('draws the pictures of draft generate, with the same seeds for all', async () => {
    const draw = async (output: string, seed: string, ...args: string[]) => {
      const prompt = ['--prompts', 'a bee', '--seed', seed];
      const { stderr } = await runDraftHere(folder, [
        'generate',
        ...quick,
        ...prompt,
        ...args,
        '--output',
        output,
      ]);
      expect(stderr).toBe('');
      return readPng(inFolder(output, '0000.png')).data;
    };
    const own = (variant: string) => readPng(inFolder('whole/pictures', variant, '00001-0.png')).data;
    // The second prompt begins after the two pictures of the first.
    const base = await draw('g0', '7');
    const scaled = await draw('g1', '7', '--lora', 'own.safetensors:0.5');
    const furthest = (a: Uint8Array, b: Uint8Array) =>
      Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
    // Another number of pictures at once sums in another order, which may round to the next byte.
    expect(furthest(own('base'), base)).toBeLessThanOrEqual(1);
    expect(furthest(own('lora-0.5'), scaled)).toBeLessThanOrEqual(1);
    expect(furthest(own('base'), own('lora-1'))).toBeGreaterThan(1);
  });

  it('writes the same tables in every format', async () => {
    const rows = JSON.parse(read('whole/results.json'));
    expect(rows).toHaveLength(3 * 4 * 2);
    expect(rows[0]).toMatchObject({
      index: 0,
      prompt: 'a "red" fox, asleep',
      category: 'Animals',
      challenge: 'Basic',
      variant: 'base',
      scale: 0,
      strategy: null,
      sample: 0,
      seed: 5,
      file: 'pictures/base/00000-0.png',
    });
    expect(rows[0].weightedSum).toBeCloseTo(rows[0].symmetry - rows[0]['jpeg-file-size'], 12);
    const csv = read('whole/results.csv').trimEnd().split('\n');
    expect(csv).toHaveLength(rows.length + 1);
    expect(csv[0]).toBe(Object.keys(rows[0]).join(','));
    expect(csv[1]).toBe(
      `0,"a ""red"" fox, asleep",Animals,Basic,base,0,,0,5,${rows[0].symmetry},${rows[0]['jpeg-file-size']},${rows[0].weightedSum},pictures/base/00000-0.png`,
    );
    for (const name of ['results', 'prompts']) {
      const file = new Uint8Array(readFileSync(inFolder(`whole/${name}.parquet`))).buffer;
      const own = await parquetReadObjects({ file });
      const plain = own.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
        ),
      );
      expect(plain).toEqual(JSON.parse(read(`whole/${name}.json`)));
    }
    const prompts = JSON.parse(read('whole/prompts.json'));
    expect(prompts).toHaveLength(3 * 4);
    const mean = (rows[0].symmetry + rows[1].symmetry) / 2;
    expect(prompts[0]).toMatchObject({
      prompt: 'a "red" fox, asleep',
      pictures: 2,
      'symmetry.winRate': null,
    });
    expect(prompts[0]['symmetry.mean']).toBeCloseTo(mean, 12);
    expect(prompts[1]['symmetry.winRate']).toBeGreaterThanOrEqual(0);
  });

  it('summarises all, each category and each challenge', () => {
    const summary = JSON.parse(read('whole/summary.json'));
    expect(summary).toMatchObject({
      loras: [{ file: 'own.safetensors', strength: 1 }],
      rewards: { symmetry: 1, 'jpeg-file-size': -1 },
      prompts: 3,
      perPrompt: 2,
      embedding: 'pixels',
      confidence: 0.95,
      styles: [],
    });
    const ids = summary.variants.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['base', 'lora-0.5', 'lora-1', 'best-of']);
    // By the weighted sum: the best of two is never worse than the first, which is the base's.
    const best = summary.variants[3].measures.weightedSum;
    expect(best.winRate.losses).toBe(0);
    expect(best.change.mean).toBeGreaterThanOrEqual(0);
    expect(summary.variants[0].diversity.mean).toBeGreaterThan(0);
    expect(summary.sections.map(({ by, name }: { by: string; name: string }) => `${by} ${name}`)).toEqual([
      'category Animals',
      'category Abstract',
      'challenge Basic',
      'challenge Complex',
    ]);
  });

  it('shows everything in one page that loads nothing, and in grids', () => {
    const html = read('whole/report.html');
    expect(html).not.toMatch(/<script|(?:src|href)="(?!data:)|url\(|@import/);
    for (const title of ['Side by side', 'By category: symmetry', "Over the LoRA's scale"]) {
      expect(html).toContain(title);
    }
    expect(html).toContain('jpeg-file-size (less is better)');
    const { width, height } = readPng(inFolder('whole/grids/prompts.png'));
    expect(width).toBeGreaterThan(4 * 192);
    expect(height).toBeGreaterThan(2 * 192);
    expect(readPng(inFolder('whole/grids/prompt-00001.png')).height).toBeGreaterThan(4 * 192);
  });

  it('goes on where it was killed, with the same results, and writes again what is complete', async () => {
    const lines = read('whole/results.jsonl');
    const results = read('whole/results.csv');
    writeFileSync(inFolder('whole/results.jsonl'), lines.slice(0, Math.floor(0.6 * lines.length)));
    const again = await run(...compared, '--output', 'whole');
    expect(again.stderr).toBe('');
    expect(again.stdout).toMatch(/going on after [1-7] of 8 parts/);
    expect(read('whole/results.jsonl')).toBe(lines);
    const resumed = await runDraftHere(folder, ['evaluate', '--resume', 'whole', '--show', '0']);
    expect(resumed.stderr).toBe('');
    expect(resumed.stdout).not.toContain('loading');
    expect(read('whole/results.csv')).toBe(results);
  });

  it.each<[string, string[]]>([
    [
      'whole holds an evaluation with another --steps (2, now 3): go on as it was begun (--resume whole), or choose another --output.',
      ['--steps', '3'],
    ],
    ['with another --scales ([0,0.5,1], now [0,1])', ['--scales', '1']],
    ['with another --per-prompt (2, now 3)', ['--per-prompt', '3']],
    [
      'by other rewards (symmetry, jpeg-file-size:-1, now symmetry, jpeg-file-size:-1, incompressibility)',
      ['--reward', 'incompressibility'],
    ],
    ['with other options of its rewards', ['--reward-set', 'symmetry.axis=both']],
    ['on 3 prompts, not 4', ['--prompts', 'a fish']],
    [
      'with another --strategy-set ({"best-of":{"n":2}}, now {"best-of":{"n":3}})',
      ['--strategy-set', 'best-of.n=3'],
    ],
  ])('refuses to go on otherwise: %s', async (message, args) => {
    const { status, stderr } = await run(...compared, '--output', 'whole', ...args);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });

  it('refuses to go on with a LoRA or a set of prompts that was changed', async () => {
    writeFileSync(inFolder('parti.tsv'), set.replace('bee', 'wasp'));
    expect((await run(...compared, '--output', 'whole')).stderr).toContain(
      'holds an evaluation on other prompts',
    );
    writeFileSync(inFolder('parti.tsv'), set);
    const bytes = readFileSync(lora);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(inFolder('own.safetensors'), bytes);
    expect((await run(...compared, '--output', 'whole')).stderr).toContain(
      'holds an evaluation of own.safetensors as it was before it was changed',
    );
    writeFileSync(inFolder('own.safetensors'), readFileSync(lora));
  });

  it('refuses to go on with a LoRA whose sampling weights were changed', async () => {
    const { tensors } = readSafetensors(lora);
    const metadata = companionMetadata('sampling.guided.safetensors');
    writeSafetensors(inFolder('guided.safetensors'), Object.fromEntries(tensors), metadata);
    const learn = (weight: number) =>
      writeSamplingFile(inFolder('sampling.guided.safetensors'), {
        guidance: { timesteps: [900, 100], weights: [weight, weight] },
      });
    learn(3);
    const args = ['--prompts', 'a fox', '--per-prompt', '1', '--reward', 'symmetry', '--output', 'guided'];
    const evaluate = () => run(...args, '--lora', 'guided.safetensors');
    expect((await evaluate()).stderr).toBe('');
    const [recorded] = JSON.parse(read('guided/config.json')).loras;
    expect(recorded.sampling).toMatch(/^[0-9a-f]{64}$/);
    expect((await evaluate()).stderr).toBe('');
    learn(4);
    const changed = await evaluate();
    expect(changed.stderr).toContain('of guided.safetensors with other sampling weights beside it');
    expect(changed.stderr).toMatch(oneSentence);
    rmSync(inFolder('sampling.guided.safetensors'));
    expect((await evaluate()).stderr).toContain('with other sampling weights beside it');
  });

  it('works in a folder alone', async () => {
    const lock = inFolder('whole/lock');
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, host: hostname(), token: 'x' }));
    const { stderr } = await run(...compared, '--output', 'whole');
    expect(stderr).toContain(`whole is being worked on by process ${process.ppid}`);
    rmSync(lock);
  });

  it("scores HPSv2's styles, with one picture a prompt", async () => {
    writeFileSync(inFolder('anime.json'), JSON.stringify(['a cat', 'a dog']));
    writeFileSync(inFolder('photo.json'), JSON.stringify(['a fox']));
    const { stdout, stderr } = await run(
      ...['--prompts', 'anime.json', '--prompts', 'photo.json', '--per-prompt', '1', '--reward', 'symmetry'],
      ...['--output', 'styles', '--pictures', 'shown', '--show', '1'],
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/symmetry, as in HPSv2's benchmark\n +anime +photo +average\nbase +−/);
    const { styles, variants } = JSON.parse(read('styles/summary.json'));
    const scores = JSON.parse(read('styles/results.jsonl').split('\n')[0] ?? '').pictures;
    const [cat, dog, fox] = scores.map(({ reward }: { reward: number }) => reward);
    expect(styles[0].styles.anime.mean).toBeCloseTo((cat + dog) / 2, 12);
    expect(styles[0].average).toBeCloseTo((cat + dog + fox) / 3, 12);
    expect(variants[0].diversity).toBeNull();
    expect(scores.map(({ file }: { file: string | null }) => file)).toEqual([
      'pictures/base/00000-0.png',
      null,
      null,
    ]);
  });

  const fox = ['--prompts', 'fox', '--reward', 'symmetry', '--output', 'refused'];
  it.each<[string, string[]]>([
    ['--reward NAME[:WEIGHT] is missing', ['--prompts', 'fox']],
    [
      'There are no prompts to evaluate on: give --prompts with a set (all-animals, unseen-animals)',
      ['--reward', 'symmetry'],
    ],
    ['--scales needs a LoRA: give one with --lora.', [...fox, '--scales', '0,1']],
    ['--scales takes up to 16 numbers', [...fox, '--lora', 'own.safetensors', '--scales', '0,x']],
    ['There is no file none.safetensors.', [...fox, '--lora', 'none.safetensors']],
    ['The LoRA . cannot be read: it is a folder.', [...fox, '--lora', '.']],
    ['must be best-of, prompt-template, latent (given: "luck")', [...fox, '--strategy', 'luck']],
    [
      'This evaluation has no strategy "best-of" to set options of: choose it with --strategy.',
      [...fox, '--strategy-set', 'best-of.n=2'],
    ],
    ['did you mean "best-of"?', [...fox, '--strategy', 'best-of', '--strategy-set', 'best.n=2']],
    ['--strategy-set takes NAME.KEY=VALUE', [...fox, '--strategy', 'best-of', '--strategy-set', 'n=2']],
    ['must be csv, json, parquet (given: "xlsx")', [...fox, '--format', 'xlsx']],
    [
      'The reward jpeg-file-size has no gradient in the images: choose another one for the strategy latent.',
      [...fox, '--reward', 'jpeg-file-size', '--strategy', 'latent'],
    ],
    [
      'The reward diversity judges pictures by one another, so a picture has no score of its own',
      [...fox, '--reward', 'diversity'],
    ],
    ['none.tsv', [...fox, '--prompts', 'none.tsv']],
    ['holds no evaluation that could be gone on with', ['--resume', 'nothing']],
    [
      'cannot be changed when an evaluation is gone on with: only --format, --show, --backend, --plugins, --no-discover can.',
      ['--resume', 'whole'],
    ],
    [
      'own.safetensors is a file, not a folder: choose another --output.',
      [...fox, '--output', 'own.safetensors'],
    ],
  ])('refuses in one sentence: %s', async (message, args) => {
    const { status, stderr } = await run(...args);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
    expect(existsSync(inFolder('refused'))).toBe(false);
  });

  it('leaves folders alone that hold something else', async () => {
    const { stderr } = await run('--prompts', 'fox', '--reward', 'symmetry', '--output', '.');
    expect(stderr).toContain('. holds something else than an evaluation: choose another --output.');
  });

  it('refuses a LoRA for another model, and leaves no folder', async () => {
    const file = join(fixtures, '../xl/lora/pytorch_lora_weights.safetensors');
    const { stderr } = await run(
      '--prompts',
      'fox',
      '--reward',
      'symmetry',
      '--output',
      'other',
      '--lora',
      file,
    );
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain('another architecture');
    expect(existsSync(inFolder('other'))).toBe(false);
  });
});
