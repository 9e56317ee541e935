import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPng, writePng } from '@draft/core';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { compareAlgorithms } from '../src/compare/compare-algorithms.js';
import type { Comparison } from '../src/compare/comparison.js';
import type { RunTask } from '../src/compare/run-task.js';
import type { RunEnd } from '../src/compare/start-run.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const model = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

// Each loads every plugin that it names.
const limit = 300_000;

const made: string[] = [];
let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-compare-')));
  made.push(folder);
});
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

const json = (path: string, value: unknown) => writeFileSync(path, JSON.stringify(value));

const argument = (args: readonly string[], flag: string): string | undefined => args[args.indexOf(flag) + 1];

/** Leaves what a finished run leaves; the reward follows from the algorithm and its learning rate. */
const leave = (task: RunTask, reward: number): void => {
  const { folder: path, iterations, moments } = task;
  const picture = { width: 8, height: 8, data: new Uint8Array(192).fill(100 + 10 * reward) };
  for (const part of ['evaluation', 'samples', 'diversity']) mkdirSync(join(path, part), { recursive: true });
  const line = (iteration: number) => ({ iteration, rewardQueries: 2 * iteration, seconds: 0.5, reward });
  const all = Array.from({ length: iterations }, (_, i) => line(i + 1));
  writeFileSync(join(path, 'metrics.jsonl'), all.map((each) => `${JSON.stringify(each)}\n`).join(''));
  json(join(path, 'moments.json'), moments.map(line));
  json(join(path, 'config.json'), { model: { description: 'a tiny model' }, versions: { node: '20' } });
  const row = (name: string, score: number) => {
    writePng(join(path, 'evaluation', name), picture);
    return { prompt: 'a fox', seed: 0, reward: score, rewards: { symmetry: score }, picture: name };
  };
  for (const [moment, score] of [
    ['before', -1],
    ['after', reward],
  ] as const) {
    json(join(path, `evaluation/${moment}.json`), {
      train: [row(`${moment}-0.png`, score)],
      heldOut: [row(`${moment}-1.png`, score - 1)],
    });
  }
  for (const name of ['000000.png', '000002.png']) writePng(join(path, 'samples', name), picture);
  json(join(path, 'diversity/diversity.json'), { embedding: 'pixels', mean: 0.5, perPrompt: [0.5] });
  if (task.baseFolder !== undefined) {
    mkdirSync(task.baseFolder, { recursive: true });
    json(join(task.baseFolder, 'diversity.json'), { embedding: 'pixels', mean: 0.75, perPrompt: [0.75] });
  }
  writeFileSync(
    join(path, 'processes.jsonl'),
    `${JSON.stringify({ seconds: 9, peakBytes: 4e8, finished: false })}\n${JSON.stringify({ seconds: 1, peakBytes: 3e8, finished: true })}\n`,
  );
  const mean = (score: number) => ({
    ...{ reward: score, rewards: { symmetry: score } },
    heldOut: { reward: score - 1, rewards: { symmetry: score - 1 } },
  });
  json(join(path, 'summary.json'), {
    before: mean(-1),
    after: mean(reward),
    ...{ iterations, rewardQueries: 2 * iterations, seconds: iterations / 2 },
  });
};

const base = {
  ...{ model, size: '16', steps: '3', guidance: '1', prompts: ['a fox', 'a dog'], heldOut: ['a bee'] },
  ...{ reward: ['symmetry'], batch: '2', queries: '12', output: 'c' },
};

const compare = async (
  typed: Readonly<Record<string, unknown>>,
  answer: (task: RunTask, label: string) => RunEnd | number = () => 1,
) => {
  const started: { readonly label: string; readonly task: RunTask }[] = [];
  let printed = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    const finished = await compareAlgorithms(typed, folder, ['compare'], async (task, label) => {
      started.push({ task, label });
      const end = answer(task, label);
      if (typeof end !== 'number') return end;
      leave(task, end);
      return { kind: 'finished' };
    });
    return { finished, started, printed };
  } finally {
    spy.mockRestore();
  }
};

const recorded = (): Comparison => JSON.parse(readFileSync(join(folder, 'c/compare.json'), 'utf8'));

describe('draft compare', () => {
  it(
    'gives every algorithm the same queries, and shows what they reach',
    async () => {
      const rewards: Readonly<Record<string, number>> = {
        'draft k=1': 1,
        'draft-lv': 2,
        'ddpo batch=4 basePenalty=0': 3,
      };
      const { finished, started, printed } = await compare(
        {
          ...base,
          algorithms: ['draft:k=1,draft-lv', 'ddpo:batch=4:queries=20:basePenalty=0'],
          seeds: '0,5',
          basePenalty: '0.5',
        },
        (_, label) => rewards[label.split(',')[0] ?? ''] ?? 0,
      );
      expect(finished).toBe(true);
      expect(started.map(({ label, task }) => [label, task.iterations])).toEqual([
        ['draft k=1, seed 0', 6],
        ['draft-lv, seed 0', 2],
        ['ddpo batch=4 basePenalty=0, seed 0', 5],
        ['draft k=1, seed 5', 6],
        ['draft-lv, seed 5', 2],
        ['ddpo batch=4 basePenalty=0, seed 5', 5],
      ]);
      const [first, second, third, later] = started.map(({ task }) => task);
      expect([first, third].map((task) => argument(task?.args ?? [], '--base-penalty'))).toEqual([
        '0.5',
        '0',
      ]);
      expect(argument(first?.args ?? [], '--set')).toBe('k=1');
      expect(argument(first?.args ?? [], '--guard')).toBe('off');
      expect(argument(later?.args ?? [], '--seed')).toBe('5');
      expect(argument(later?.args ?? [], '--output')).toBe('c/runs/draft-k-1/seed-5');
      // The pictures before training are the same for all, and drawn once.
      expect(first?.baseFolder).toBe(join(folder, 'c/base'));
      expect(second?.baseFolder).toBeUndefined();
      expect(printed).toMatch(/draft k=1: reward −1\.000 → 1\.000\n[\s\S]*comparison: c\n$/);

      const { algorithms, diversity, seeds, settings } = recorded();
      expect(seeds).toEqual([0, 5]);
      expect(settings).toMatchObject({ queries: 12, steps: 3 });
      expect(algorithms.map(({ config }) => config.basePenalty)).toEqual([0.5, 0.5, 0]);
      expect(diversity).toEqual({ embedding: 'pixels', before: 0.75 });
      expect(algorithms[2]).toMatchObject({
        ...{
          label: 'ddpo batch=4 basePenalty=0',
          config: { batch: 4, queries: 20 },
          learningRate: { value: 4e-4, source: 'shared' },
        },
        runs: [{ seed: 0, rewardQueries: 10, seconds: 2.5, processSeconds: 10, peakBytes: 4e8 }, { seed: 5 }],
      });
      for (const name of ['reward', 'training', 'time', 'overview']) {
        expect(readFileSync(join(folder, `c/${name}.svg`), 'utf8')).toContain('draft-lv');
      }
      expect(readPng(join(folder, 'c/pictures.png')).height).toBeGreaterThan(4 * 64);
      expect(existsSync(join(folder, 'c/strips.png'))).toBe(true);
      const report = readFileSync(join(folder, 'c/report.html'), 'utf8');
      expect(report).toContain('3 algorithms on symmetry');
      expect(report).not.toMatch(/(src|href)="http/);
    },
    limit,
  );

  it(
    'runs nothing again, adds algorithms, and refuses other settings',
    async () => {
      await compare({ ...base, algorithms: ['draft:k=1'] });
      expect((await compare({ ...base, algorithms: ['draft:k=1'] })).started).toEqual([]);
      const more = await compare({ resume: 'c', algorithms: ['refl,dpg'] });
      expect(more.started.map(({ label }) => label)).toEqual(['refl, seed 0', 'dpg, seed 0']);
      expect(recorded().algorithms.map(({ label }) => label)).toEqual(['draft k=1', 'refl', 'dpg']);
      const again = { ...base, algorithms: ['draft:k=1'] };
      for (const [changes, message] of [
        [{ steps: '2' }, /^--steps was 3 in c and cannot become 2 there: choose another --output\.$/],
        [{ queries: '14' }, /^--queries was 12 in c/],
        [{ prompts: ['a cow'] }, /^--prompts was \["a fox","a dog"\] in c/],
        [{ batch: '4' }, /^draft k=1: --batch was 2 in c/],
        [{ learningRate: '1e-2' }, /^draft k=1: --learning-rate was 0\.0004 in c/],
        [{ heldOut: undefined }, /^--held-out was \["a bee"\] in c and cannot become not given/],
      ] as const) {
        await expect(compare({ ...again, ...changes })).rejects.toThrow(message);
      }
      await expect(compare({ resume: 'c', steps: '2' })).rejects.toThrow(/^--steps was 3 in c/);
    },
    limit,
  );

  it(
    'goes on where it was stopped',
    async () => {
      const typed = { ...base, algorithms: ['draft:k=1,refl'] };
      const stopped = await compare(typed, ({ folder: path }) => {
        mkdirSync(path, { recursive: true });
        json(join(path, 'config.json'), {});
        return { kind: 'interrupted' };
      });
      expect(stopped).toMatchObject({ finished: false });
      expect(stopped.started).toHaveLength(1);
      expect(stopped.printed).toContain('go on with: draft compare --resume c\n');
      const { started, finished } = await compare({ resume: 'c' });
      expect(finished).toBe(true);
      expect(started.map(({ task }) => task.args.slice(0, 2))).toEqual([
        ['--resume', 'c/runs/draft-k-1/seed-0'],
        ['--reward', 'symmetry'],
      ]);
    },
    limit,
  );

  it(
    'tries learning rates, and takes the best for each algorithm without one of its own',
    async () => {
      const typed = {
        ...{ ...base, algorithms: ['draft:k=1:queries=24,refl'], tune: '1e-2,1e-3', tuneQueries: '4' },
        learningRateFor: ['refl=5e-3'],
      };
      const { started } = await compare(typed, ({ args }) =>
        argument(args, '--learning-rate') === '0.01' ? { kind: 'diverged', message: 'NaN.' } : 2,
      );
      expect(
        started.map(({ label, task: { args, iterations, moments, diversity } }) => [
          ...[label, argument(args, '--learning-rate'), argument(args, '--seed'), iterations],
          ...[moments.length > 0, diversity.prompts],
        ]),
      ).toEqual([
        ['draft k=1, trying 0.001', '0.001', '1000', 4, false, 0],
        ['draft k=1, trying 0.01', '0.01', '1000', 4, false, 0],
        ['draft k=1, seed 0', '0.001', '0', 12, true, 4],
        ['refl, seed 0', '0.005', '0', 6, true, 4],
      ]);
      const { algorithms } = recorded();
      expect(algorithms[0]).toMatchObject({
        learningRate: { value: 1e-3, source: 'tuned' },
        trials: [
          { learningRate: 1e-3, reward: 2 },
          { learningRate: 1e-2, reward: null },
        ],
      });
      expect(algorithms[1]).toMatchObject({ learningRate: { value: 5e-3, source: 'given' }, trials: [] });
      expect(readFileSync(join(folder, 'c/report.html'), 'utf8')).toContain(
        'How the learning rates were chosen',
      );
      expect((await compare({ resume: 'c' })).started).toEqual([]);
    },
    limit,
  );

  it(
    'shows that a run diverged, without trying it again',
    async () => {
      const typed = { ...base, algorithms: ['draft:k=1,refl'] };
      const diverge = (_: RunTask, label: string) =>
        label.startsWith('refl') ? ({ kind: 'diverged', message: 'It became NaN.' } as const) : 1;
      await compare(typed, diverge);
      expect(recorded().algorithms[1]).toMatchObject({
        runs: [],
        diverged: [{ seed: 0, message: 'It became NaN.' }],
      });
      expect(readFileSync(join(folder, 'c/report.html'), 'utf8')).toContain('refl (diverged: seed 0)');
      expect((await compare(typed, diverge)).started).toEqual([]);
    },
    limit,
  );

  it.each<[string, readonly string[], RegExp]>([
    ['no algorithms', ['--queries', '9'], /--algorithms NAME\[:KEY=VALUE…\],… is missing/],
    ['no queries', ['--algorithms', 'refl'], /--queries N is missing/],
    ['an unknown algorithm', ['--queries', '9', '--algorithms', 'refl,drtun'], /did you mean "drtune"/],
    [
      'an unknown option of one',
      ['--queries', '9', '--algorithms', 'draft:kk=1'],
      /--algorithms draft:kk=1: there is no option "kk": did you mean "k"\?/,
    ],
    [
      'an impossible plan',
      ['--queries', '9', '--algorithms', 'refl,draft:k=9'],
      /option k of draft is 9, but there are only 3/,
    ],
    [
      'a mistaken setting of one',
      ['--queries', '9', '--algorithms', 'draft:batch=0'],
      /--algorithms draft:batch=0: --batch must be at least 1 \(given: 0\)/,
    ],
    [
      'queries of its own that are none',
      ['--queries', '9', '--algorithms', 'refl:queries=many'],
      /--algorithms refl:queries=many: queries must be a whole number of at least 1 \(given: many\)/,
    ],
    [
      'too few queries',
      ['--queries', '5', '--algorithms', 'draft-lv'],
      /--queries is 5, but one iteration of draft-lv asks the reward about 12 pictures/,
    ],
    ['seeds that are none', ['--queries', '9', '--algorithms', 'refl', '--seeds', '0,x'], /--seeds takes/],
    [
      'a trial with a compared seed',
      ['--queries', '9', '--algorithms', 'refl', '--tune', '1,2', '--tune-seed', '0'],
      /--tune-seed is 0, one of --seeds/,
    ],
    [
      'a penalty that not all can have',
      ['--queries', '9', '--algorithms', 'refl,ddpo', '--base-penalty', '1'],
      /--base-penalty holds the sampling steps.*ddpo does not/,
    ],
    ['nothing to resume', ['--resume', 'nothing'], /nothing holds no comparison/],
    [
      'a training run',
      ['--queries', '9', '--algorithms', 'refl', '--output', 'run'],
      /run holds other results/,
    ],
  ])('refuses %s in one sentence', async (_, args, message) => {
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'run/metrics.jsonl'), '');
    const settings = ['--model', model, '--size', '16', '--steps', '3', '--prompts', 'a fox'];
    const given = args.includes('--resume') ? args : [...settings, '--reward', 'symmetry', ...args];
    const { status, stderr } = await runDraftHere(folder, ['compare', ...given]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});
