import { existsSync, readdirSync } from 'node:fs';
import { composeGrid, formatRewards, type GridRow, type Pixels, readPng } from '@draft/core';
import { type JudgedPicture, loadEvaluation } from '../run/evaluation.js';
import type { RunFolder } from '../run/run-folder.js';
import { spread } from '../run/run-pictures.js';
import { readMetrics } from './collect-run.js';

/** A finished run whose pictures are shown. */
export interface ShownRun {
  readonly label: string;
  readonly folder: RunFolder;
}

/** Most pictures of each set of prompts. */
const columns = { train: 4, heldOut: 4 } as const;

/**
 * Pictures of the same prompts and seeds: a row before training, and a row for each algorithm after it, with the reward under
 * each; first training prompts, then held-out ones.
 */
export const composeFinalPictures = (runs: readonly ShownRun[]): Pixels | undefined => {
  const rows: { readonly label: string; readonly pictures: readonly JudgedPicture[] }[] = [];
  for (const { label, folder } of runs) {
    const start = rows.length === 0 ? loadEvaluation(folder, 'before') : undefined;
    const end = loadEvaluation(folder, 'after');
    for (const [name, evaluation] of [['before', start] as const, [label, end] as const]) {
      if (evaluation === undefined) continue;
      const { train, heldOut } = evaluation;
      rows.push({
        label: name,
        pictures: [...train.slice(0, columns.train), ...heldOut.slice(0, columns.heldOut)],
      });
    }
  }
  const first = rows[0]?.pictures;
  if (first === undefined) return undefined;
  const numbers = formatRewards(rows.flatMap(({ pictures }) => pictures.map(({ reward }) => reward)));
  const grid = rows.map(({ label, pictures }, row): GridRow => {
    const from = rows.slice(0, row).reduce((sum, other) => sum + other.pictures.length, 0);
    return {
      label,
      pictures: pictures.map(({ picture }) => picture),
      captions: pictures.map((_, i) => numbers[from + i] ?? ''),
    };
  });
  const trained = Math.min(columns.train, loadCount(runs));
  return composeGrid(grid, {
    columns: first.map(({ prompt }, i) => (i < trained ? prompt : `${prompt} (held out)`)),
    pictureWidth: 128,
  });
};

const loadCount = (runs: readonly ShownRun[]): number => {
  const folder = runs[0]?.folder;
  return folder === undefined ? 0 : (loadEvaluation(folder, 'after')?.train.length ?? 0);
};

/** Cuts the first picture, a square, out of a strip of pictures. */
const firstOf = (strip: Pixels, width: number): Pixels => {
  const data = new Uint8Array(3 * width * strip.height);
  for (let y = 0; y < strip.height; y += 1) {
    const start = 3 * y * strip.width;
    data.set(strip.data.subarray(start, start + 3 * width), 3 * y * width);
  }
  return { width, height: strip.height, data };
};

/**
 * The first judged prompt over training: a row for each algorithm, with the reward queries spent until then under each picture,
 * from before training to its end.
 */
export const composeStrips = (runs: readonly ShownRun[], most = 7): Pixels | undefined => {
  const rows: GridRow[] = [];
  for (const { label, folder } of runs) {
    const path = folder.file('samples');
    const end = loadEvaluation(folder, 'after')?.train[0]?.picture;
    if (!existsSync(path) || end === undefined) continue;
    const lines = readMetrics(folder);
    const queries = new Map(lines.map((line) => [line.iteration, line.rewardQueries]));
    const last = lines.at(-1)?.iteration ?? 0;
    const iterations = readdirSync(path)
      .filter((name) => /^\d+\.png$/.test(name))
      .sort()
      .filter((name) => Number.parseInt(name, 10) < last);
    const shown = spread(iterations, most - 1).map((name) => ({
      picture: firstOf(readPng(folder.file('samples', name)), end.width),
      iteration: Number.parseInt(name, 10),
    }));
    const all = [...shown, { picture: end, iteration: last }];
    rows.push({
      label,
      pictures: all.map(({ picture }) => picture),
      captions: all.map(({ iteration }) =>
        iteration === 0 ? 'before' : `${queries.get(iteration) ?? '?'} queries`,
      ),
    });
  }
  return rows.length === 0 ? undefined : composeGrid(rows, { pictureWidth: 128 });
};
