import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJsonLines } from '@draft/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WatchPlan } from '../src/guard/run-watch.js';
import type { CheckpointContent } from '../src/run/checkpoint-store.js';
import { type RecordOptions, recordRun } from '../src/run/record-run.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../src/run/run-folder.js';
import type { Workbench } from '../src/run/workbench.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'draft-guard-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/**
 * A model whose reward rises by one an iteration. From iteration `turns` on its pictures are all alike, and the watched
 * reward of them is bad.
 */
const createWorkbench = (turns: number): Workbench => {
  let iteration = 0;
  return {
    judge: async (subjects, how) =>
      subjects.map(({ prompt, seed }) => ({
        ...{ prompt, seed, picture: { width: 2, height: 2, data: new Uint8Array(12).fill(9 * iteration) } },
        ...{ reward: iteration + (seed % 2), rewards: { toy: iteration } },
        watched: { other: (iteration >= turns ? -5 : 0) + (seed % 2) },
        ...(how?.closely
          ? { embedding: Float32Array.of(1, iteration >= turns ? 0 : seed % 3), steepness: 0.1 }
          : {}),
      })),
    async iterate() {
      iteration += 1;
      return {
        ...{ iteration, rewardQueries: iteration, reward: iteration, rewards: { toy: iteration } },
        ...{ gradientNorm: 1, learningRate: 1e-3, seconds: 0.5 },
      };
    },
    state: async () => ({ iteration, tensors: {}, state: null }),
    restore(content: CheckpointContent) {
      iteration = content.iteration;
    },
    writeLora: async (path) => writeFileSync(path, `LoRA of iteration ${iteration}`),
    residentBytes: () => 1e8,
    dispose: () => {},
  };
};

const record = (
  folder: RunFolder,
  workbench: Workbench,
  guard: WatchPlan['guard'],
  more: Partial<RecordOptions> = {},
) =>
  recordRun(workbench, {
    ...{ folder, progress: { log() {}, activity() {}, iteration() {}, finish() {} } },
    ...{ signal: new AbortController().signal, prompts: ['fox', 'owl'], heldOut: ['bee'], seed: 3 },
    ...{ iterations: 8, evaluate: 2, sampleEvery: 1, checkpointEvery: 3, keep: 2, resume: false },
    ...{ model: 'toy', algorithm: 'none', rewards: { toy: 2 }, config: { a: 1 }, command: 'draft train' },
    watch: { guard, samples: 4, directions: { other: 1 } },
    ...more,
  });

const newFolder = (name: string) => createRunFolder(name, '', root, new Date(0));
const text = (folder: RunFolder, name: string) => readFileSync(folder.file(name), 'utf8');
const logger = (lines: string[]) => ({
  ...{ log: (line: string) => lines.push(line), activity() {}, iteration() {}, finish() {} },
});

describe('recordRun with a guard', () => {
  it('warns once where the pictures become alike, trains on, and keeps the best LoRA before', async () => {
    const folder = newFolder('run');
    const log: string[] = [];
    await expect(record(folder, createWorkbench(4), 'warn', { progress: logger(log) })).resolves.toBe(true);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(
      /^warning: the reward is probably being cheated: the pictures of a prompt differ by 0/,
    );
    expect(log[0]).toContain('; other went from 0.5000 to -4.500');
    expect(text(folder, 'lora.best.safetensors')).toBe('LoRA of iteration 3');
    expect(text(folder, 'lora.safetensors')).toBe('LoRA of iteration 8');
    const lines = readJsonLines(folder.file('watch.jsonl')) as { iteration: number; signs: string[] }[];
    expect(lines.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(lines[3]?.signs).toEqual([]);
    expect(lines[4]?.signs).toEqual(['diversity', 'watched other']);
    const metrics = readJsonLines(folder.file('metrics.jsonl')) as { watch: { iteration: number } }[];
    expect(metrics[4]?.watch).toMatchObject({ iteration: 5, diversity: 0, train: { rewards: { toy: 5 } } });
    const { guard, after } = JSON.parse(text(folder, 'summary.json'));
    expect(guard).toMatchObject({ stopped: false, best: 3 });
    expect(after.watched).toEqual({ other: -4.5 });
    expect(text(folder, 'report.html')).toContain('other (watched), training prompts');
    expect(text(folder, 'report.html')).toContain('The reward is probably being cheated');
  });

  it('ends the run where it is told to', async () => {
    const folder = newFolder('run');
    const log: string[] = [];
    await expect(record(folder, createWorkbench(4), 'stop', { progress: logger(log) })).resolves.toBe(true);
    expect(readJsonLines(folder.file('metrics.jsonl'))).toHaveLength(5);
    expect(log.at(-1)).toBe(
      'The guard stopped the run after iteration 5 of 8. The best LoRA before that is lora.best.safetensors.',
    );
    expect(JSON.parse(text(folder, 'summary.json'))).toMatchObject({
      iterations: 5,
      guard: { stopped: true, best: 3 },
    });
    // It is a finished run; whoever disagrees goes on without its stopping.
    const more = { resume: true, progress: logger(log) };
    await record(openRunFolder('run', root), createWorkbench(4), 'warn', more);
    expect(readJsonLines(folder.file('metrics.jsonl'))).toHaveLength(8);
  });

  it('lets a run through whose pictures stay what they are', async () => {
    const folder = newFolder('run');
    await record(folder, createWorkbench(99), 'stop');
    expect(readJsonLines(folder.file('metrics.jsonl'))).toHaveLength(8);
    expect(JSON.parse(text(folder, 'summary.json')).guard).toEqual({ signs: [], stopped: false, best: 8 });
  });

  it('goes on with what it had seen, and with the best LoRA of then', async () => {
    const whole = newFolder('whole');
    await record(whole, createWorkbench(5), 'warn');
    const folder = newFolder('parts');
    await record(folder, createWorkbench(5), 'warn', { iterations: 5 });
    // As if it had been killed after iteration 5, with its checkpoint of iteration 3.
    rmSync(folder.file('checkpoints/000005'), { recursive: true });
    writeFileSync(folder.file('lora.best.safetensors'), 'of a future that will not be');
    const again = openRunFolder('parts', root);
    await record(again, createWorkbench(5), 'warn', { resume: true, iterations: 3 });
    expect(text(folder, 'lora.best.safetensors')).toBe('LoRA of iteration 3');
    await record(openRunFolder('parts', root), createWorkbench(5), 'warn', { resume: true });
    for (const name of [
      'watch.jsonl',
      'metrics.jsonl',
      'lora.best.safetensors',
      'checkpoints/000008/state.json',
    ]) {
      expect(text(folder, name)).toBe(text(whole, name));
    }
  });

  it('cannot begin in the middle of a run', async () => {
    const folder = newFolder('run');
    await record(folder, createWorkbench(9), 'off', { iterations: 3 });
    expect(existsSync(folder.file('lora.best.safetensors'))).toBe(false);
    await expect(
      record(openRunFolder('run', root), createWorkbench(9), 'warn', { resume: true }),
    ).rejects.toThrow(
      'run was trained with --guard off, so nothing is known to compare with: go on with --guard off.',
    );
  });
});
