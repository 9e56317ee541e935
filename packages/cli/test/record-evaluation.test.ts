import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pixels } from '@draft/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvaluationBench } from '../src/evaluate/evaluation-bench.js';
import {
  type Chunk,
  chunkAt,
  countChunks,
  type EvaluationPlan,
  shownPrompts,
} from '../src/evaluate/evaluation-plan.js';
import { readResults } from '../src/evaluate/evaluation-results.js';
import { recordEvaluation } from '../src/evaluate/record-evaluation.js';
import { measuresOf } from '../src/evaluate/statistics/measures.js';
import { summarise } from '../src/evaluate/statistics/summarise.js';
import { listVariants, subjectOf } from '../src/evaluate/variants.js';
import { openFolder } from '../src/run/run-folder.js';

const loras = [{ file: 'a.safetensors', strength: 0.5 }];

const planOf = (options: Partial<EvaluationPlan> = {}): EvaluationPlan => ({
  prompts: ['cat', 'dog', 'fox', 'bee', 'ant'].map((prompt, i) => ({
    prompt,
    groups: { style: i < 3 ? 'anime' : 'photo' },
  })),
  variants: listVariants(loras, [0, 0.5, 1], ['best-of']),
  perPrompt: 2,
  batch: 4,
  seed: 10,
  show: 2,
  keep: 'all',
  ...options,
});

/** Grey as the seed and the variant have it; the LoRA is better by its scale, but for bees. */
const draw = ({ variant, pictures }: Chunk) =>
  pictures.map(({ prompt, seed }) => {
    const value = seed % 7;
    const reward = value + (prompt === 'bee' ? -variant.scale : variant.scale);
    const pixels: Pixels = { width: 2, height: 2, data: new Uint8Array(12).fill(10 * value) };
    return {
      reward,
      rewards: { grey: reward },
      pixels,
      embedding: Float32Array.from([1, value]),
      notes: variant.strategy ? { candidate: 3 } : {},
    };
  });

let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'draft-evaluation-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const quiet = { log: () => {}, activity: () => {}, iteration: () => {}, finish: () => {} };

const record = (plan: EvaluationPlan, bench: EvaluationBench, signal = new AbortController().signal) =>
  recordEvaluation(
    plan,
    { folder: openFolder(path, path), progress: quiet, signal, now: () => 0 },
    async () => bench,
  );

const benchOf = (before: (chunk: Chunk) => void = () => {}): EvaluationBench & { drawn: string[] } => {
  const drawn: string[] = [];
  return {
    drawn,
    async draw(chunk) {
      before(chunk);
      drawn.push(
        `${chunk.variant.id} ${chunk.pictures.map(({ index, sample }) => `${index}-${sample}`).join(' ')}`,
      );
      return draw(chunk);
    },
    dispose: () => {},
  };
};

const file = (name: string) => join(path, name);

describe('what is drawn', () => {
  it('goes through all variants of some prompts before the next ones, with the same seeds', () => {
    const plan = planOf();
    const chunks = Array.from({ length: countChunks(plan) }, (_, i) => chunkAt(plan, i));
    expect(chunks.map(({ variant }) => variant.id).slice(0, 5)).toEqual([
      'base',
      'lora-0.5',
      'lora-1',
      'best-of',
      'base',
    ]);
    expect(chunks[1]?.variant.strengths).toEqual([0.25]);
    for (const [i, { pictures }] of chunks.entries()) {
      expect(pictures).toEqual(chunks[4 * Math.floor(i / 4)]?.pictures);
    }
    const own = chunks.filter(({ variant }) => variant.id === 'base').flatMap(({ pictures }) => pictures);
    expect(own.map(({ seed }) => seed)).toEqual(Array.from({ length: 10 }, (_, i) => 10 + i));
    expect(own.map(({ prompt }) => prompt).slice(0, 3)).toEqual(['cat', 'cat', 'dog']);
    // A prompt's pictures stay together, even if they are more than are computed at once.
    const large = planOf({ perPrompt: 9 });
    expect(chunkAt(large, 0).pictures).toHaveLength(9);
    expect(countChunks(large)).toBe(20);
  });

  it('lists the base once, and refuses what comes twice', () => {
    const ids = (...args: Parameters<typeof listVariants>) => listVariants(...args).map(({ id }) => id);
    expect(ids([], undefined, [])).toEqual(['base']);
    expect(ids(loras, undefined, [])).toEqual(['base', 'lora-1']);
    expect(ids(loras, [1, 0, -0.5], ['latent'])).toEqual(['base', 'lora-1', 'lora--0.5', 'latent']);
    expect(() => ids([], [1], [])).toThrow('--scales needs a LoRA: give one with --lora.');
    expect(() => ids(loras, [1, 1], [])).toThrow('--scales has 1 twice: give it once.');
    expect(() => ids([], undefined, ['latent', 'latent'])).toThrow('--strategy has latent twice');
    expect(subjectOf(listVariants(loras, [0.5, 1], ['latent']))?.id).toBe('lora-1');
    expect(subjectOf(listVariants([], undefined, []))).toBeUndefined();
  });
});

describe('recording an evaluation', () => {
  it('goes on after any chunk, and ends with the same results', async () => {
    const plan = planOf();
    expect(await record(plan, benchOf())).toBe(true);
    const whole = readFileSync(file('results.jsonl'), 'utf8');
    const picture = readFileSync(file('pictures/lora-1/00002-1.png'));
    for (const stop of [0, 5]) {
      rmSync(path, { recursive: true });
      path = mkdtempSync(join(tmpdir(), 'draft-evaluation-'));
      let drawn = 0;
      const dies = benchOf(() => {
        if (drawn === stop) throw new Error('killed');
        drawn += 1;
      });
      await expect(record(plan, dies)).rejects.toThrow('killed');
      // What a kill in the middle of a line leaves.
      if (stop === 5) writeFileSync(file('results.jsonl'), '{"chunk":5,"pic', { flag: 'a' });
      const rest = benchOf();
      expect(await record(plan, rest)).toBe(true);
      expect(rest.drawn).toHaveLength(countChunks(plan) - stop);
      expect(readFileSync(file('results.jsonl'), 'utf8')).toBe(whole);
      expect(readFileSync(file('pictures/lora-1/00002-1.png'))).toEqual(picture);
    }
    const none = benchOf();
    expect(await record(plan, none)).toBe(true);
    expect(none.drawn).toEqual([]);
  });

  it('stops after the chunk that is being drawn', async () => {
    const controller = new AbortController();
    const bench = benchOf(() => controller.abort());
    expect(await record(planOf(), bench, controller.signal)).toBe(false);
    expect(bench.drawn).toHaveLength(1);
    expect(readFileSync(file('results.jsonl'), 'utf8').split('\n')).toHaveLength(2);
  });

  it('keeps only the pictures that are shown where that is asked for', async () => {
    const plan = planOf({ keep: 'shown' });
    expect(shownPrompts(plan)).toEqual([0, 2]);
    await record(plan, benchOf());
    expect(readdirSync(file('pictures/base'))).toEqual([
      '00000-0.png',
      '00000-1.png',
      '00002-0.png',
      '00002-1.png',
    ]);
    const results = readResults(file('results.jsonl'), plan);
    expect(results.get('base')?.[1]?.pictures.map((one) => one.file)).toEqual([null, null]);
    expect(existsSync(file('pictures/best-of/00002-1.png'))).toBe(true);
  });

  it('refuses results of another evaluation', async () => {
    await record(planOf(), benchOf());
    expect(() => readResults(file('results.jsonl'), planOf({ seed: 11 }))).toThrow(
      /^Line 1 of .* is not of this evaluation: remove the folder to begin again\.$/,
    );
    expect(() => readResults(file('results.jsonl'), planOf({ batch: 2 }))).toThrow('not of this evaluation');
  });
});

describe('the summary', () => {
  it('compares with the base picture by picture, in all and by style', async () => {
    const plan = planOf();
    await record(plan, benchOf());
    const results = readResults(file('results.jsonl'), plan);
    const measures = measuresOf([{ name: 'grey', weight: 1 }]);
    const { variants, sections, styles } = summarise({ ...plan, measures, results });
    const [base, , lora, best] = variants;
    // Seeds 10 to 19, modulo 7.
    expect(base?.measures.grey).toMatchObject({ count: 10, mean: 3.3, change: null, winRate: null });
    expect(lora?.measures.grey?.change?.mean).toBeCloseTo(0.6, 12);
    expect(lora?.measures.grey?.winRate).toMatchObject({ wins: 8, ties: 0, losses: 2, rate: 0.8 });
    expect(best?.measures.grey?.winRate).toMatchObject({ wins: 0, ties: 10, losses: 0, rate: 0.5 });
    expect(base?.diversity?.mean).toBeGreaterThan(0);
    expect(sections.map(({ by, name, prompts }) => [by, name, prompts])).toEqual([
      ['style', 'anime', 3],
      ['style', 'photo', 2],
    ]);
    expect(sections[1]?.variants[2]?.measures.grey?.winRate?.rate).toBe(0.5);
    const table = styles.find(({ variant }) => variant === 'base');
    expect(table?.average).toBeCloseTo(3.3, 12);
    // Of seeds 10 to 15: 3 4 5 6 0 1.
    expect(table?.styles.anime).toEqual({
      mean: expect.closeTo(19 / 6, 12),
      deviation: 0,
      parts: [expect.closeTo(19 / 6, 12)],
    });
  });

  it('turns wins round where less is better, and has the weighted sum where it is another number', async () => {
    const plan = planOf();
    await record(plan, benchOf());
    const results = readResults(file('results.jsonl'), plan);
    const measures = measuresOf([{ name: 'grey', weight: -2 }]);
    expect(measures.map(({ name }) => name)).toEqual(['grey', 'weightedSum']);
    const { variants } = summarise({ ...plan, measures, results });
    expect(variants[2]?.measures.grey?.winRate?.rate).toBeCloseTo(0.2, 12);
    expect(variants[2]?.measures.grey?.change?.mean).toBeCloseTo(0.6, 12);
  });
});
