import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './run-program.js';

/** What a run took. */
export interface MeasuredRun {
  readonly peakBytes: number;
  readonly iterations: readonly { readonly seconds: number; readonly residentBytes: number }[];
}

const program = fileURLToPath(new URL('measured-run.ts', import.meta.url));

/** Of a run that does little but iterate. */
export const bare: readonly string[] = [
  ...['--evaluate', '1', '--sample-every', '0', '--checkpoint-every', '0', '--guard', 'off'],
];

/** Trains with these options in a process of its own, in a folder that is removed. */
export const measureRun = async (args: readonly string[]): Promise<MeasuredRun> => {
  const folder = mkdtempSync(join(tmpdir(), 'draft-measured-'));
  try {
    const printed = await runProgram(program, [...args, '--output', join(folder, 'run')]);
    return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as MeasuredRun;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The median of numbers; NaN of none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};
