import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeFileAtomically } from '@draft/core';
import { isClip, type SizeName, sizes, type Task, tasks } from '../cases.js';
import { describeMachine } from '../machine.js';
import { matrixProductPeak } from '../matrix-product-peak.js';
import { type Comparison, measure } from '../measure.js';
import { prepareCase } from '../prepare.js';
import type { SideCommand } from '../side.js';
import { formatTable } from '../table.js';

const worker = fileURLToPath(new URL('../ours/worker.ts', import.meta.url));
const torch = fileURLToPath(new URL('../../torch', import.meta.url));

const { values: chosen } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    sizes: { type: 'string', default: Object.keys(sizes).join(',') },
    tasks: { type: 'string', default: tasks.join(',') },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string' },
    dtype: { type: 'string', default: 'bfloat16' },
    torch: { type: 'string', default: 'plain' },
    cache: { type: 'string', default: join(homedir(), '.cache', 'draft', 'benchmark') },
    output: { type: 'string' },
  },
});

const pick = <Name extends string>(text: string, names: readonly Name[], flag: string): readonly Name[] =>
  text.split(',').map((part) => {
    const name = names.find((each) => each === part);
    if (!name) throw new Error(`--${flag} is a list of ${names.join(', ')}, not ${part}`);
    return name;
  });

/** Both sides get the same processors: with --threads 1 one of them, and PyTorch is told so, too. */
const pinned = (command: SideCommand): SideCommand =>
  chosen.threads === undefined
    ? command
    : {
        ...command,
        program: 'taskset',
        arguments: ['-c', `0-${Number(chosen.threads) - 1}`, command.program, ...command.arguments],
        environment: { ...command.environment, BENCHMARK_THREADS: chosen.threads },
      };

const sidesOf = (task: Task, setup: string) => ({
  ours: pinned({
    program: process.execPath,
    arguments: [
      '--conditions=@draft/source',
      '--import',
      import.meta.resolve('tsx'),
      worker,
      task,
      setup,
      chosen.dtype,
    ],
    environment: {},
  }),
  theirs: pinned({
    program: chosen.python,
    arguments: ['worker.py', '--task', task, '--setup', setup, '--variant', chosen.torch],
    cwd: torch,
    environment: {},
    counts: true,
  }),
});

const comparisons: { size: SizeName; task: Task; comparison: Comparison }[] = [];
const peak = await matrixProductPeak(pinned);
console.log(`matrix products reach ${(peak / 1e9).toFixed(0)} GFLOP/s here (float32)`);
for (const size of pick(chosen.sizes, Object.keys(sizes) as SizeName[], 'sizes')) {
  for (const task of pick(chosen.tasks, tasks, 'tasks')) {
    // CLIP's work is the same at each size of the pictures; it is done once, on the largest.
    if (isClip(task) && size !== 'sd15-512') continue;
    const setup = await prepareCase(task, sizes[size], chosen.cache, chosen.python);
    const comparison = await measure(sidesOf(task, setup), Number(chosen.rounds));
    comparisons.push({ size, task, comparison });
    console.log(formatTable([{ size, task, comparison }], peak, comparisons.length === 1));
  }
}

if (chosen.output !== undefined) {
  let before: { readonly comparisons?: readonly object[] } = {};
  try {
    before = JSON.parse(readFileSync(chosen.output, 'utf8'));
  } catch {
    // There is none yet.
  }
  const condition = { dtype: chosen.dtype, torch: chosen.torch, threads: chosen.threads ?? 'all', peak };
  const all = [...(before.comparisons ?? []), ...comparisons.map((each) => ({ ...condition, ...each }))];
  await writeFileAtomically(
    chosen.output,
    `${JSON.stringify({ machine: describeMachine(), comparisons: all }, null, 2)}\n`,
  );
}
