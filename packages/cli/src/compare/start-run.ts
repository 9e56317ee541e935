import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DraftError } from '@draft/core';
import { cliDirectory } from '../cli-directory.js';
import { divergedStatus, type RunTask } from './run-task.js';

/** How a run ended; `diverged` is one whose reward or gradient became no finite number. */
export type RunEnd =
  | { readonly kind: 'finished' | 'interrupted' }
  | { readonly kind: 'diverged'; readonly message: string };

/** Trains one run. */
export type StartRun = (task: RunTask, label: string, signal: AbortSignal) => Promise<RunEnd>;

const entry = (): string => {
  const built = join(cliDirectory, 'compare', 'run-process.js');
  return existsSync(built) ? built : join(cliDirectory, 'compare', 'run-process.ts');
};

const problemOf = (stderr: string): string =>
  (/^error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? '') || 'it said nothing.';

/**
 * Trains one run in a process of its own, which shows its progress itself. A request to stop is passed on.
 * @throws DraftError `DRAFT_COMPARISON_RUN` with what the process said, where it failed for another reason than its numbers.
 */
export const startRun: StartRun = (task, label, signal) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, entry(), JSON.stringify(task)], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let stderr = '';
    const stop = (): void => {
      child.kill('SIGINT');
    };
    // A terminal sends Ctrl-C to both processes; two that come at once count as one.
    signal.addEventListener('abort', stop);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      for (const line of text.split('\n')) {
        if (line !== '' && !line.startsWith('error: ')) process.stderr.write(`${line}\n`);
      }
    });
    child.once('error', reject);
    child.once('close', (status, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (status === 0) resolve({ kind: 'finished' });
      else if (status === 130 || signal.aborted) resolve({ kind: 'interrupted' });
      else if (status === divergedStatus) resolve({ kind: 'diverged', message: problemOf(stderr) });
      else {
        const reason = killedBy === null ? problemOf(stderr) : `the process was killed (${killedBy}).`;
        reject(new DraftError('DRAFT_COMPARISON_RUN', `${label}: ${reason}`));
      }
    });
  });
