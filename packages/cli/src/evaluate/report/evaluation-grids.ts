import { existsSync } from 'node:fs';
import { composeGrid, formatRewards, type GridRow, type Pixels, readPng } from '@draft/core';
import type { RunFolder } from '../../run/run-folder.js';
import { pictureFile } from '../evaluation-plan.js';
import type { EvaluationResults, PictureResult } from '../evaluation-results.js';
import type { EvaluationPrompt } from '../prompts/evaluation-prompt.js';
import type { Measure } from '../statistics/measures.js';
import type { Variant } from '../variants.js';

/** What grids are made from. */
export interface GridSource {
  readonly folder: RunFolder;
  readonly prompts: readonly EvaluationPrompt[];
  readonly variants: readonly Variant[];
  readonly measures: readonly Measure[];
  readonly results: EvaluationResults;
}

interface Cell {
  readonly pixels: Pixels;
  readonly result: PictureResult;
}

/** A picture that was kept; undefined where it was not, or has been removed since. */
const cellOf = (
  { folder, results }: GridSource,
  variant: string,
  index: number,
  sample: number,
): Cell | undefined => {
  const result = results.get(variant)?.[index]?.pictures[sample];
  const path = folder.file(pictureFile(variant, { index, sample }));
  return result && existsSync(path) ? { pixels: readPng(path), result } : undefined;
};

/** Rows of cells with what stands under each picture: the rewards, each with the same decimals throughout. */
const rowsOf = (
  rows: readonly { readonly label: string; readonly cells: readonly Cell[] }[],
  measures: readonly Measure[],
): readonly GridRow[] => {
  const all = rows.flatMap(({ cells }) => cells);
  // The weighted sum stands in the tables; under a picture there is room for two.
  const shown = measures.filter(({ name }) => measures.length === 1 || name !== 'weightedSum');
  const texts = shown.map((measure) => formatRewards(all.map(({ result }) => measure.of(result))));
  let at = 0;
  return rows.map(({ label, cells }) => ({
    label,
    pictures: cells.map(({ pixels }) => pixels),
    captions: cells.map(() => {
      const caption = shown.map(({ name }, i) => `${name} ${texts[i]?.[at] ?? ''}`).join(', ');
      at += 1;
      return caption;
    }),
  }));
};

/** Prompts in rows, variants in columns, the first picture of each; undefined where no pictures were kept. */
export const promptGrid = (
  source: GridSource,
  indices: readonly number[],
  title = '',
): Pixels | undefined => {
  const { variants, measures, prompts } = source;
  const rows = indices.flatMap((index) => {
    const cells = variants.flatMap(({ id }) => cellOf(source, id, index, 0) ?? []);
    return cells.length === variants.length ? [{ label: prompts[index]?.prompt ?? '', cells }] : [];
  });
  if (rows.length === 0) return undefined;
  return composeGrid(rowsOf(rows, measures), {
    ...(title ? { title } : {}),
    columns: variants.map(({ label }) => label),
  });
};

/** Most pictures of a prompt that are shown in a row. */
const mostSamples = 8;

/** All pictures of one prompt: variants in rows, seeds in columns; undefined where they were not kept. */
export const sampleGrid = (source: GridSource, index: number): Pixels | undefined => {
  const { variants, measures, prompts, results } = source;
  const samples = results.get(variants[0]?.id ?? '')?.[index]?.pictures.slice(0, mostSamples) ?? [];
  const rows = variants.flatMap(({ id, label }) => {
    const cells = samples.flatMap(({ sample }) => cellOf(source, id, index, sample) ?? []);
    return cells.length === samples.length ? [{ label, cells }] : [];
  });
  if (rows.length < variants.length || samples.length < 2) return undefined;
  return composeGrid(rowsOf(rows, measures), {
    title: prompts[index]?.prompt ?? '',
    columns: samples.map(({ seed }) => `seed ${seed}`),
  });
};
