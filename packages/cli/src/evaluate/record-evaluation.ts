import { existsSync } from 'node:fs';
import { type JsonLinesWriter, openJsonLines, readJsonLines, writePng } from '@draft/core';
import { durationText } from '../progress/durations.js';
import type { Progress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { makeFolder } from '../run/make-folder.js';
import { pictureDiversity } from '../run/picture-diversity.js';
import type { RunFolder } from '../run/run-folder.js';
import type { DrawnPicture, EvaluationBench } from './evaluation-bench.js';
import {
  type Chunk,
  chunkAt,
  countChunks,
  type EvaluationPlan,
  pictureFile,
  shownPrompts,
} from './evaluation-plan.js';
import type { ChunkResult, PictureResult } from './evaluation-results.js';

/** The file to which results are added as they come. */
export const resultsFile = 'results.jsonl';

/** What an evaluation is recorded with. */
export interface RecordOptions {
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly now: () => number;
}

const left = (seconds: number): string =>
  seconds > 0 ? `, ${durationText(60 * Math.ceil(seconds / 60))} left` : '';

/** Writes the pictures of a chunk that are kept, and says what is kept of each. */
const keepPictures = (
  folder: RunFolder,
  plan: EvaluationPlan,
  shown: ReadonlySet<number>,
  { variant, pictures }: Chunk,
  drawn: readonly DrawnPicture[],
): readonly PictureResult[] => {
  makeFolder(folder.file('pictures', variant.id));
  return pictures.map(({ index, sample, seed }, i) => {
    const { pixels, reward, rewards, notes } = drawn[i] as DrawnPicture;
    const kept = plan.keep === 'all' || shown.has(index);
    const file = kept ? pictureFile(variant.id, { index, sample }) : null;
    if (file !== null) writePng(folder.file(file), pixels);
    return {
      index,
      sample,
      seed,
      reward,
      rewards,
      file,
      ...(Object.keys(notes).length > 0 ? { notes } : {}),
    };
  });
};

/**
 * Draws and judges everything that is not there yet. Each chunk is one line of `results.jsonl`, written in one piece after
 * its pictures, so that a process killed at any moment loses no more than one chunk.
 * @param openBench Called where there is something to draw.
 * @returns Whether all is there; if not, the user stopped it.
 */
export const recordEvaluation = async (
  plan: EvaluationPlan,
  { folder, progress, signal, now }: RecordOptions,
  openBench: () => Promise<EvaluationBench>,
): Promise<boolean> => {
  const total = countChunks(plan);
  const path = folder.file(resultsFile);
  const there = existsSync(path) ? Math.min(total, readJsonLines(path).length) : 0;
  if (there === total) return true;
  const bench = await openBench();
  let lines: JsonLinesWriter | undefined;
  try {
    // Only now, so that what cannot be begun leaves nothing.
    lines = openJsonLines(path, { keep: there });
    if (there > 0) progress.log(`going on after ${there} of ${total} parts`);
    const shown = new Set(shownPrompts(plan));
    const pictures = plan.prompts.length * plan.perPrompt * plan.variants.length;
    const start = now();
    for (let number = there; number < total; number += 1) {
      await turn();
      if (signal.aborted) return false;
      const done = number - there;
      const seconds = done === 0 ? 0 : ((total - number) * (now() - start)) / done / 1000;
      const chunk = chunkAt(plan, number);
      const drawn = await bench.draw(chunk, (share) =>
        progress.activity(`drawing ${pictures} pictures${left(seconds)}`, (number + share) / total),
      );
      const kept = keepPictures(folder, plan, shown, chunk, drawn);
      const embeddings = drawn.map(({ embedding }) => embedding);
      const line: ChunkResult = {
        chunk: number,
        variant: chunk.variant.id,
        pictures: kept,
        diversity: Array.from({ length: kept.length / plan.perPrompt }, (_, i) =>
          pictureDiversity(embeddings.slice(i * plan.perPrompt, (i + 1) * plan.perPrompt)),
        ),
      };
      lines.append(line);
    }
    return true;
  } finally {
    lines?.close();
    bench.dispose();
  }
};
