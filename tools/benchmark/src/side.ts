import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What one run of a task gave. */
export interface Run {
  readonly seconds: number;
  /** Numbers that the other side must have got, too. */
  readonly values: Readonly<Record<string, number>>;
}

/** A process that has prepared a task and runs it when told. */
export interface Side {
  /** What computes, in words. */
  readonly description: string;
  /** From the start of the process to the beginning of its first run. */
  readonly loadSeconds: number;
  /** From the start of the process to the end of its first run. */
  readonly startSeconds: number;
  /** Multiplications and additions of a run, each counted; only PyTorch counts them. */
  readonly operations: number | null;
  run(): Promise<Run>;
  /** Ends the process; its largest resident memory, bytes. */
  end(): Promise<number>;
}

/** How a side is started. */
export interface SideCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it tells the number of operations of a run. */
  readonly counts?: boolean;
}

/** Starts a side and waits until its task is warm. */
export const startSide = async (command: SideCommand): Promise<Side> => {
  const started = performance.now();
  const child: ChildProcess = spawn(command.program, command.arguments, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...command.environment },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (cause) => reject(new Error(`${command.program} does not start: ${cause.message}.`)));
    child.once('exit', (code, signal) =>
      reject(
        new Error(
          `${command.program} ended early (${signal ?? `status ${code}`}); what it said stands above.`,
        ),
      ),
    );
  });
  failed.catch(() => {});
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) return failed;
      // Libraries may print remarks of their own.
      if (String(value).startsWith('{')) return JSON.parse(String(value));
    }
  };
  const sinceStart = () => (performance.now() - started) / 1000;
  await answer();
  const loadSeconds = sinceStart();
  const { ready } = await answer();
  const startSeconds = sinceStart();
  const operations = command.counts ? Number((await answer()).operations) : null;
  return {
    description: String(ready),
    loadSeconds,
    startSeconds,
    operations,
    async run() {
      child.stdin?.write('run\n');
      return (await answer()) as unknown as Run;
    },
    async end() {
      child.stdin?.end();
      return Number((await answer()).peakBytes);
    },
  };
};
