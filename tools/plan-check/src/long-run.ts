import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openJsonLines } from '@draft/core';
import { trainRun } from '../../../packages/cli/src/run/train-run.js';

// A long run of short iterations; each line of the output says what the process holds after one of them.

const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '2000' },
    output: { type: 'string', default: 'long-run.jsonl' },
  },
});

const iterations = Number(values.iterations);
const folder = mkdtempSync(join(tmpdir(), 'draft-long-run-'));
const lines = openJsonLines(values.output, { keep: 0 });
const seen = new Map<number, number>();
try {
  await trainRun(
    {
      ...{ reward: ['symmetry'], algorithm: 'draft', set: ['k=1'], prompts: ['cat'] },
      ...{ steps: '2', guidance: '1', batch: '1', evaluate: '1', iterations: values.iterations },
      ...{ sampleEvery: '0', checkpointEvery: '200', memory: 'off', output: join(folder, 'run') },
    },
    process.cwd(),
    [],
    (workbench) => ({
      ...workbench,
      async iterate() {
        const line = await workbench.iterate();
        const residentBytes = workbench.residentBytes();
        seen.set(line.iteration, residentBytes);
        lines.append({ iteration: line.iteration, residentBytes, seconds: line.seconds });
        return line;
      },
    }),
  );
} finally {
  lines.close();
  rmSync(folder, { recursive: true, force: true });
}

const at = (iteration: number): number => seen.get(iteration) ?? Number.NaN;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
process.stdout.write(
  `resident after iteration 100: ${megabytes(at(100))}, after ${iterations}: ${megabytes(at(iterations))}, ` +
    `ratio ${(at(iterations) / at(100)).toFixed(4)}\n`,
);
process.exit(0);
