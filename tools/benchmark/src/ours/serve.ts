import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const peakBytes = () =>
  Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN) * 1024;

/** Prepares some work, runs it once, and again for each line that arrives; answers with lines of JSON. */
export const serve = async (
  description: string,
  prepare: () => Promise<() => Promise<Readonly<Record<string, number>>>>,
): Promise<void> => {
  const run = await prepare();
  say({ loaded: description });
  await run();
  say({ ready: description });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() !== 'run') break;
    const started = performance.now();
    const values = await run();
    say({ seconds: (performance.now() - started) / 1000, values });
  }
  say({ peakBytes: peakBytes() });
};
