import { fileURLToPath } from 'node:url';
import { casesOf, type Task } from '../cases.js';
import { matrixProductPeak } from '../matrix-product-peak.js';
import { measure } from '../measure.js';
import { readOptions } from '../options.js';
import { prepareCase } from '../prepare.js';
import { readOnce } from '../read-once.js';
import { openResults } from '../results-file.js';
import type { SideCommand } from '../side.js';
import { formatTable } from '../table.js';

const worker = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));
const torch = fileURLToPath(new URL('../../torch', import.meta.url));

const atLeastOne = <Item>(items: readonly Item[]) => items as readonly [Item, ...Item[]];

const run = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  const { python, dtype, threads, rounds } = options;
  const cases = casesOf(options.sizes, options.tasks);
  const results = options.output === undefined ? undefined : openResults(options.output);

  /** Both sides get the same processors, and PyTorch is told so, too. */
  const pinned = (command: SideCommand): SideCommand =>
    threads === undefined
      ? command
      : {
          ...command,
          program: 'taskset',
          arguments: ['-c', `0-${threads - 1}`, command.program, ...command.arguments],
          environment: { ...command.environment, BENCHMARK_THREADS: String(threads) },
        };
  const sidesOf = (task: Task, setup: string) => ({
    ours: pinned({
      program: process.execPath,
      arguments: [worker, task, setup, dtype],
      environment: {},
    }),
    theirs: atLeastOne(
      options.torch.map((variant) => ({
        variant,
        command: pinned({
          program: python,
          arguments: ['worker.py', '--task', task, '--setup', setup, '--variant', variant],
          cwd: torch,
          environment: {},
          counts: true,
        }),
      })),
    ),
  });

  const peak = await matrixProductPeak(pinned, dtype);
  console.log(`matrix products reach ${(peak / 1e9).toFixed(0)} GFLOP/s here (${dtype})`);
  for (const [index, { size, task }] of cases.entries()) {
    const setup = await prepareCase(task, size, options.cache, python);
    await readOnce(setup);
    const row = { size, task, comparison: await measure(sidesOf(task, setup), rounds) };
    results?.add({ ...row, dtype, threads: threads ?? 'all', peak });
    console.log(formatTable([row], peak, index === 0));
  }
};

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// A side that did not come to its end would keep this process waiting.
process.exit();
