import { existsSync } from 'node:fs';
import { readJsonLines } from '@draft/core';
import type { MetricsLine } from '../run/metrics.js';
import { type RunFolder, readRunJson } from '../run/run-folder.js';
import type { RunSummary } from '../run/summary.js';
import { readDiversity } from './measure-diversity.js';
import { readMoments } from './observe-workbench.js';
import type { ProcessUsage } from './run-task.js';

/** What finished pictures score at one moment, and what it took. */
export interface CurvePoint {
  readonly rewardQueries: number;
  /** Spent in training iterations. */
  readonly seconds: number;
  /** Mean weighted sum of the rewards. */
  readonly reward: number;
}

/** The numbers of one finished run. */
export interface RunNumbers {
  readonly seed: number;
  /** Relative to the comparison. */
  readonly folder: string;
  readonly iterations: number;
  readonly rewardQueries: number;
  /** Spent in training iterations, without loading and judging. */
  readonly seconds: number;
  /** From the start to the end of its processes. */
  readonly processSeconds: number;
  /** The most memory that a process of the run held at once (resident set). */
  readonly peakBytes: number;
  /** Finished pictures of training prompts before and after. */
  readonly before: RunSummary['before'];
  readonly after: RunSummary['after'];
  /** `1 − mean cosine` between pictures of a prompt, at the end; null where it was not measured. */
  readonly diversity: number | null;
  /** From the first judged moment to the end. */
  readonly curve: readonly CurvePoint[];
}

/** Whether a run came to its end, and what it left was measured. */
export const isFinished = (folder: RunFolder): boolean =>
  existsSync(folder.file('summary.json')) &&
  (!existsSync(folder.file('diversity')) || existsSync(folder.file('diversity', 'diversity.json')));

/** Why a run could not come to its end; undefined where it can. */
export const divergence = (folder: RunFolder): string | undefined => {
  const path = folder.file('diverged.json');
  return existsSync(path) ? String((readRunJson(path) as { message?: unknown }).message) : undefined;
};

/** The metrics of a run. */
export const readMetrics = (folder: RunFolder): readonly MetricsLine[] =>
  existsSync(folder.file('metrics.jsonl'))
    ? (readJsonLines(folder.file('metrics.jsonl')) as readonly MetricsLine[])
    : [];

/** Reads the numbers of a finished run from its folder. */
export const collectRun = (folder: RunFolder, seed: number, relative: string): RunNumbers => {
  const summary = readRunJson(folder.file('summary.json')) as RunSummary;
  const usagePath = folder.file('processes.jsonl');
  const usage = existsSync(usagePath) ? (readJsonLines(usagePath) as readonly ProcessUsage[]) : [];
  const spent = new Map<number, number>();
  let seconds = 0;
  for (const line of readMetrics(folder)) {
    seconds += line.seconds;
    spent.set(line.iteration, seconds);
  }
  const { iterations, rewardQueries } = summary;
  const moments = readMoments(folder).filter(({ iteration }) => iteration < iterations);
  return {
    seed,
    folder: relative,
    iterations,
    rewardQueries,
    seconds,
    processSeconds: usage.reduce((sum, { seconds: own }) => sum + own, 0),
    peakBytes: Math.max(0, ...usage.map(({ peakBytes }) => peakBytes)),
    before: summary.before,
    after: summary.after,
    diversity: readDiversity(folder.file('diversity'))?.mean ?? null,
    curve: [
      ...moments.map((moment) => ({
        rewardQueries: moment.rewardQueries,
        seconds: spent.get(moment.iteration) ?? 0,
        reward: moment.reward,
      })),
      { rewardQueries, seconds, reward: summary.after.reward },
    ],
  };
};
