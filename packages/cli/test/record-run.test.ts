import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DraftError, type Pixels, readJsonLines, readPng } from '@draft/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckpointContent } from '../src/run/checkpoint-store.js';
import { chooseSubjects } from '../src/run/evaluation.js';
import { type RecordOptions, recordRun } from '../src/run/record-run.js';
import { runAlone } from '../src/run/run-alone.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../src/run/run-folder.js';
import { spread } from '../src/run/run-pictures.js';
import type { Workbench } from '../src/run/workbench.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'draft-run-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const picture = (shade: number): Pixels => ({ width: 4, height: 4, data: new Uint8Array(48).fill(shade) });

/** A model whose only weight is its reward; each iteration adds a number that depends on the weight alone. */
const createWorkbench = (failAt = Number.POSITIVE_INFINITY): Workbench => {
  let iteration = 0;
  let weight = -1;
  return {
    judge: async (subjects) =>
      subjects.map(({ prompt, seed }) => ({
        ...{ prompt, seed, picture: picture(100 + iteration + (seed % 7)) },
        ...{ reward: 2 * weight, rewards: { toy: weight } },
      })),
    async iterate() {
      if (iteration + 1 === failAt) throw new DraftError('DRAFT_NON_FINITE', 'The reward "toy" is NaN.');
      iteration += 1;
      weight = Math.sin(3 * weight);
      return {
        ...{ iteration, rewardQueries: 4 * iteration, reward: 2 * weight, rewards: { toy: weight } },
        ...{ gradientNorm: 1, learningRate: 1e-3, seconds: 0.5 },
      };
    },
    state: async () => ({
      iteration,
      tensors: { weight: { shape: [1], data: Float32Array.of(iteration) } },
      state: { weight },
    }),
    restore(content: CheckpointContent) {
      iteration = content.tensors.weight?.data[0] ?? Number.NaN;
      weight = (content.state as { weight: number }).weight;
    },
    writeLora: async () => {},
    residentBytes: () => 1e8,
    dispose: () => {},
  };
};

const record = (folder: RunFolder, workbench: Workbench, more: Partial<RecordOptions> = {}) =>
  recordRun(workbench, {
    ...{ folder, progress: { log() {}, activity() {}, iteration() {}, finish() {} } },
    ...{ signal: new AbortController().signal, prompts: ['fox', 'owl'], heldOut: ['bee'], seed: 3 },
    ...{ iterations: 7, evaluate: 3, sampleEvery: 2, checkpointEvery: 2, keep: 2, resume: false },
    ...{ model: 'toy', algorithm: 'none', rewards: { toy: 2 }, config: { a: 1 }, command: 'draft train' },
    ...more,
  });

const newFolder = (name = 'run') => createRunFolder(name, '', root, new Date(0));
const numbers = (folder: RunFolder) => readJsonLines(folder.file('metrics.jsonl'));

describe('recordRun', () => {
  it('leaves everything that a run is to leave', async () => {
    const folder = newFolder();
    await expect(record(folder, createWorkbench())).resolves.toBe(true);
    expect(numbers(folder)).toHaveLength(7);
    expect(numbers(folder)[6]).toMatchObject({ iteration: 7, rewardQueries: 28, learningRate: 1e-3 });
    expect(readdirSync(folder.file('checkpoints'))).toEqual(['000006', '000007']);
    expect(readdirSync(folder.file('samples')).sort()).toEqual(
      ['000000.png', '000002.png', '000004.png', '000006.png', 'all.png'].sort(),
    );
    // Three subjects of four pixels side by side.
    expect(readPng(folder.file('samples/000002.png'))).toMatchObject({ width: 12, height: 4 });
    const summary = JSON.parse(readFileSync(folder.file('summary.json'), 'utf8'));
    expect(summary.before).toEqual({
      ...{ reward: -2, rewards: { toy: -1 } },
      heldOut: { reward: -2, rewards: { toy: -1 } },
    });
    expect(summary.after.reward).not.toBe(-2);
    expect(summary).toMatchObject({ iterations: 7, rewardQueries: 28, seconds: 3.5, rewards: { toy: 2 } });
    for (const name of ['before-after.png', 'before-after-held-out.png', 'curve.svg', 'report.html']) {
      expect(existsSync(folder.file(name))).toBe(true);
    }
    expect(readFileSync(folder.file('report.html'), 'utf8')).toContain('Prompts that were held out');
  });

  it('stops after the running iteration, and goes on as if it had not', async () => {
    const whole = newFolder('whole');
    await record(whole, createWorkbench());
    const folder = newFolder('parts');
    const controller = new AbortController();
    const workbench = createWorkbench();
    const stopping: Workbench = {
      ...workbench,
      async iterate() {
        const line = await workbench.iterate();
        if (line.iteration === 3) controller.abort();
        return line;
      },
    };
    await expect(record(folder, stopping, { signal: controller.signal })).resolves.toBe(false);
    expect(numbers(folder)).toHaveLength(3);
    expect(existsSync(folder.file('summary.json'))).toBe(false);
    const again = openRunFolder('parts', root);
    await expect(record(again, createWorkbench(), { resume: true })).resolves.toBe(true);
    expect(numbers(folder)).toEqual(numbers(whole));
    expect(readFileSync(folder.file('summary.json'))).toEqual(readFileSync(whole.file('summary.json')));
    expect(readFileSync(folder.file('before-after.png'))).toEqual(
      readFileSync(whole.file('before-after.png')),
    );
  });

  it('keeps what was reached before an iteration that fails, and drops metrics later than its checkpoint', async () => {
    const folder = newFolder();
    await expect(record(folder, createWorkbench(6))).rejects.toThrow('The reward "toy" is NaN.');
    expect(numbers(folder)).toHaveLength(5);
    expect(readdirSync(folder.file('checkpoints'))).toEqual(['000004', '000005']);
    rmSync(folder.file('checkpoints/000005'), { recursive: true });
    await record(folder, createWorkbench(), { resume: true });
    expect((numbers(folder) as { iteration: number }[]).map(({ iteration }) => iteration)).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ]);
  });
});

describe('a run that is gone on from', () => {
  const resume = (log: string[] = []) =>
    record(openRunFolder('run', root), createWorkbench(), {
      resume: true,
      iterations: 8,
      progress: { log: (line) => log.push(line), activity() {}, iteration() {}, finish() {} },
    });

  it.each([
    ['state.json', '{'],
    ['state.json', 'null'],
    ['tensors.safetensors', 'cut short'],
  ])('says what to do about a damaged checkpoint: %s', async (name, content) => {
    const folder = newFolder();
    await record(folder, createWorkbench());
    writeFileSync(folder.file('checkpoints/000007', name), content);
    await expect(resume()).rejects.toThrow(
      /checkpoints.000007 is damaged: remove its folder to go on from the one before\.$/,
    );
    rmSync(folder.file('checkpoints/000006'), { recursive: true });
    await expect(resume()).rejects.toThrow(/is damaged: there is no other to go on from\.$/);
  });

  it('is refused while another process works on it', async () => {
    const folder = newFolder();
    let finish = () => {};
    const first = runAlone(folder, () => new Promise<void>((resolve) => (finish = resolve)));
    await expect(runAlone(folder, async () => {})).rejects.toThrow(
      new RegExp(
        `^run is being worked on by process ${process.pid} on .*: wait for its end, or stop it first.$`,
      ),
    );
    finish();
    await first;
    await expect(runAlone(folder, async () => 'free')).resolves.toBe('free');
  });

  it('is refused where the pictures that it began from are gone', async () => {
    const folder = newFolder();
    await record(folder, createWorkbench());
    rmSync(folder.file('evaluation/before.json'));
    await expect(resume()).rejects.toThrow(/before\.json is missing.*put it back, or start a new run\.$/);
  });

  it('begins again where no checkpoint was reached, and says so', async () => {
    await record(newFolder('whole'), createWorkbench(), { iterations: 8 });
    const folder = newFolder();
    await record(folder, createWorkbench());
    rmSync(folder.file('checkpoints'), { recursive: true });
    const log: string[] = [];
    await expect(resume(log)).resolves.toBe(true);
    expect(log).toEqual(['run holds no checkpoint yet: beginning again.']);
    expect(numbers(folder)).toEqual(numbers(openRunFolder('whole', root)));
  });
});

describe('run folders', () => {
  it('are refused where they hold a run already, and say what to do', async () => {
    await record(newFolder(), createWorkbench());
    expect(() => newFolder()).toThrow(
      'run already holds a run: continue it with --resume run, or choose another --output.',
    );
  });

  it('are named after their time and purpose', () => {
    const now = new Date(2026, 10, 21, 9, 5, 7);
    expect(createRunFolder(undefined, 'symmetry-drtune', root, now).shown).toBe(
      join('runs', '2026-11-21-090507-symmetry-drtune'),
    );
    expect(createRunFolder(undefined, 'symmetry-drtune', root, now).shown).toMatch(/-drtune-2$/);
  });

  it('cannot be gone on from where there is no run', () => {
    expect(() => openRunFolder('nothing', root)).toThrow('nothing holds no run that could be continued.');
  });
});

describe('chooseSubjects', () => {
  it('counts seeds up and begins again where prompts are few', () => {
    expect(chooseSubjects(['a', 'b'], 3, 10)).toEqual([
      { prompt: 'a', seed: 10 },
      { prompt: 'b', seed: 11 },
      { prompt: 'a', seed: 12 },
    ]);
    expect(chooseSubjects([], 3, 10)).toEqual([]);
  });
});

describe('spread', () => {
  it('keeps the first and the last', () => {
    expect(spread([1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([1, 5, 9]);
    expect(spread([1, 2], 3)).toEqual([1, 2]);
  });
});
