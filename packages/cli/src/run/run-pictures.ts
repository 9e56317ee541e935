import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import {
  composeBeforeAfter,
  composeGrid,
  drawCurve,
  type Pixels,
  readPng,
  writeFileAtomically,
  writePng,
} from '@draft/core';
import type { EventImage } from '../tensorboard/event-message.js';
import type { JudgedPicture } from './evaluation.js';
import type { MetricsLine } from './metrics.js';
import type { RunFolder } from './run-folder.js';

/** Pictures of one moment in a row. */
export type Strip = readonly Pixels[];

/** Most columns of a picture that people look at. */
const columns = 8;

/** Pictures of one size side by side, without anything between them, so that they can be cut apart again. */
const joinPictures = (pictures: Strip): Pixels => {
  const { width = 0, height = 0 } = pictures[0] ?? {};
  const total = width * pictures.length;
  const data = new Uint8Array(3 * total * height);
  pictures.forEach((picture, index) => {
    for (let y = 0; y < height; y += 1) {
      const row = picture.data.subarray(3 * y * width, 3 * (y + 1) * width);
      data.set(row, 3 * (y * total + index * width));
    }
  });
  return { width: total, height, data };
};

const cutPictures = (strip: Pixels, count: number): Strip => {
  const width = Math.floor(strip.width / count);
  return Array.from({ length: count }, (_, index) => {
    const data = new Uint8Array(3 * width * strip.height);
    for (let y = 0; y < strip.height; y += 1) {
      const start = 3 * (y * strip.width + index * width);
      data.set(strip.data.subarray(start, start + 3 * width), 3 * y * width);
    }
    return { width, height: strip.height, data };
  });
};

const sampleName = (iteration: number): string => `${String(iteration).padStart(6, '0')}.png`;

/** Writes the sample pictures of one iteration side by side: `samples/000010.png`. */
export const writeSample = (folder: RunFolder, iteration: number, pictures: Strip): void => {
  mkdirSync(folder.file('samples'), { recursive: true });
  writePng(folder.file('samples', sampleName(iteration)), joinPictures(pictures));
};

/** The sample pictures of one iteration as they were written. */
export const readSample = (folder: RunFolder, iteration: number): EventImage => {
  const path = folder.file('samples', sampleName(iteration));
  const { width, height } = readPng(path);
  return { png: readFileSync(path), width, height };
};

/** At most `count` of the items, evenly spread, with the first and the last. */
export const spread = <Item>(items: readonly Item[], count: number): readonly Item[] =>
  items.length <= count
    ? items
    : Array.from(
        { length: count },
        (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))] as Item,
      );

/** The samples over training: one row a prompt, one column an iteration; undefined where none were written. */
export const composeSamples = (folder: RunFolder, prompts: readonly string[]): Pixels | undefined => {
  const path = folder.file('samples');
  if (!existsSync(path) || prompts.length === 0) return undefined;
  const names = spread(
    readdirSync(path)
      .filter((name) => /^\d+\.png$/.test(name))
      .sort(),
    columns,
  );
  if (names.length === 0) return undefined;
  const strips = names.map((name) => cutPictures(readPng(folder.file('samples', name)), prompts.length));
  return composeGrid(
    prompts.map((prompt, row) => ({
      label: prompt,
      pictures: strips.flatMap((strip) => strip[row] ?? []),
    })),
    { columns: names.map((name) => `iteration ${Number.parseInt(name, 10)}`), pictureWidth: 128 },
  );
};

/** The same prompts and seeds before and after, with the reward under each picture. */
export const composeComparison = (
  before: readonly JudgedPicture[],
  after: readonly JudgedPicture[],
  rewardName: string,
): Pixels =>
  composeBeforeAfter({
    prompts: before.slice(0, columns).map(({ prompt }) => prompt),
    before: before.slice(0, columns),
    after: after.slice(0, columns),
    rewardName,
  });

/** The reward over the images that the rewards have judged; each reward by itself where there are several. */
export const renderCurve = (lines: readonly MetricsLine[]): string => {
  const x = lines.map(({ rewardQueries }) => rewardQueries);
  const names = Object.keys(lines[0]?.rewards ?? {});
  const single = names.length === 1 ? names[0] : undefined;
  const series = [{ label: single ?? 'weighted sum', x, y: lines.map(({ reward }) => reward) }];
  if (single === undefined) {
    for (const name of names) {
      series.push({ label: name, x, y: lines.map(({ rewards }) => rewards[name] ?? Number.NaN) });
    }
  }
  return drawCurve(series, { title: 'Reward in training', xLabel: 'reward queries', yLabel: 'reward' });
};

/** Writes `curve.svg`. */
export const writeCurve = (folder: RunFolder, lines: readonly MetricsLine[]): void =>
  writeFileAtomically(folder.file('curve.svg'), renderCurve(lines));
