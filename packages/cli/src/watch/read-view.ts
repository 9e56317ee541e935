import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { DraftError, readJsonLines } from '@draft/core';
import type { GuardReading } from '../guard/guard-reading.js';
import type { MetricsLine } from '../run/metrics.js';
import { type RunFolder, readRunJson } from '../run/run-folder.js';
import type { RunSummary } from '../run/summary.js';

/** What a page shows of a run at this moment. */
export interface RunView {
  /** `symmetry with drtune`. */
  readonly title: string;
  readonly state: 'running' | 'finished' | 'stopped';
  readonly done: number;
  readonly total: number;
  readonly metrics: readonly MetricsLine[];
  readonly readings: readonly (GuardReading & { readonly signs?: readonly string[] })[];
  /** Names of the sample strips, the earliest first. */
  readonly samples: readonly string[];
  /** Prompts of the pictures in a strip, from the left. */
  readonly prompts: readonly string[];
  readonly command: string;
  /** Of a finished run. */
  readonly summary: RunSummary | undefined;
}

/** What is not there yet, or just being replaced, is shown at the next look. */
const orElse = <Value>(read: () => Value, otherwise: Value): Value => {
  try {
    return read();
  } catch (error) {
    if (DraftError.is(error)) return otherwise;
    throw error;
  }
};

/** The fields of what should be an object; none of what is not. */
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether a process works on the run. One of another machine touches its lock every few seconds. */
const isLocked = (folder: RunFolder, now: number): boolean => {
  const lock = statSync(folder.file('lock'), { throwIfNoEntry: false });
  if (lock === undefined) return false;
  const { pid, host } = fieldsOf(orElse(() => readRunJson(folder.file('lock')), undefined));
  return host === hostname() && typeof pid === 'number' ? isRunning(pid) : now - lock.mtimeMs < 120_000;
};

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];

/**
 * Reads what there is of a run. Everything may be missing while it begins.
 * @param now Milliseconds.
 */
export const readView = (folder: RunFolder, now: number): RunView => {
  const lines = <Line>(name: string): readonly Line[] =>
    existsSync(folder.file(name)) ? orElse(() => readJsonLines(folder.file(name)) as Line[], []) : [];
  const config = orElse(() => readRunJson(folder.file('config.json')), undefined);
  const summary = existsSync(folder.file('summary.json'))
    ? orElse(() => readRunJson(folder.file('summary.json')) as RunSummary, undefined)
    : undefined;
  const recorded = fieldsOf(config);
  const options = fieldsOf(recorded.options);
  const metrics = lines<MetricsLine>('metrics.jsonl');
  const rewards = texts(options.reward).map((reward) => reward.replace(/:[^:\\/]*$/, ''));
  const samples = existsSync(folder.file('samples'))
    ? readdirSync(folder.file('samples'))
        .filter((name) => /^\d+\.png$/.test(name))
        .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    : [];
  const locked = isLocked(folder, now);
  return {
    title: `${rewards.join(' + ') || folder.shown} with ${String(options.algorithm ?? '…')}`,
    state: locked ? 'running' : summary === undefined ? 'stopped' : 'finished',
    done: metrics.at(-1)?.iteration ?? 0,
    total: Number(options.iterations ?? 0),
    metrics,
    readings: lines('watch.jsonl'),
    samples,
    prompts: texts(recorded.prompts),
    command: String(recorded.command ?? ''),
    summary: locked ? undefined : summary,
  };
};

/** The picture of a strip; undefined where there is none. */
export const readStrip = (folder: RunFolder, name: string): Uint8Array | undefined =>
  /^\d+\.png$/.test(name) && existsSync(folder.file('samples', name))
    ? readFileSync(folder.file('samples', name))
    : undefined;
