import { spawn } from 'node:child_process';

/** What a program left behind. */
export interface ProgramResult {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface ProgramOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of standard output. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a program to its end and collects what it prints.
 * @throws The error of the operating system where it cannot be started, or the signal's reason.
 */
export const runProgram = (
  program: string,
  programArguments: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> =>
  new Promise((resolve, reject) => {
    const { environment = process.env, signal, onOutput } = options;
    signal?.throwIfAborted();
    const child = spawn(program, programArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => child.kill('SIGTERM');
    signal?.addEventListener('abort', stop, { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) => {
      signal?.removeEventListener('abort', stop);
      reject(error);
    });
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ code, stdout, stderr });
    });
  });
