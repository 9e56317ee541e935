import { peakMemory } from '../../../packages/cli/src/compare/peak-memory.js';
import { parseSize } from '../../../packages/cli/src/config/parse-size.js';
import { measureSpeed, secondsFor } from '../../../packages/cli/src/plan/machine-speed.js';
import { createProgress } from '../../../packages/cli/src/progress/progress.js';
import { openRuntime } from '../../../packages/cli/src/setup/open-runtime.js';
import { openWorkbench } from '../../../packages/cli/src/setup/open-workbench.js';
import type { PreparedTraining } from '../../../packages/cli/src/setup/prepare-training.js';
import { prepareTraining, readTrainLayers } from '../../../packages/cli/src/setup/prepare-training.js';

// One point of the curves: some iterations in a process of its own, and before them a rehearsal, which says what tensors take.

const config = JSON.parse(process.argv[2] ?? '{}') as Readonly<Record<string, unknown>>;
const count = 3;
const silent = createProgress({ write() {} }, Date.now);
const { signal } = new AbortController();
const cwd = process.cwd();

const layers = await readTrainLayers({ prompts: ['cat'], reward: ['symmetry'], memory: 'off' }, cwd);
const base = await prepareTraining(layers, cwd, silent);
const prepared: PreparedTraining = {
  ...base,
  config: { ...base.config, guard: 'off', iterations: count, ...config },
  size: parseSize(config.size as number | undefined),
  algorithm: await base.plugins.configure(
    'algorithm',
    String(config.algorithm ?? 'drtune'),
    (config.set ?? {}) as Readonly<Record<string, unknown>>,
  ),
};
const runtime = await openRuntime('tensorflow', prepared.config.dtype, silent);

const rehearsal = runtime.rehearse?.();
if (rehearsal === undefined) throw new Error('this back end cannot rehearse');
const rehearsed = await openWorkbench(prepared, cwd, silent, signal, rehearsal.runtime);
await rehearsed.workbench.iterate();
const { peakBytes: tensorBytes, work } = rehearsal.take();
rehearsed.workbench.dispose();
rehearsal.end();

/** Processor seconds do not depend on what else the machine is doing. */
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const plannedSeconds = secondsFor(work, await measureSpeed(runtime, processor));

const { workbench } = await openWorkbench(prepared, cwd, silent, signal, runtime);
const seconds: number[] = [];
for (let i = 0; i < count; i++) {
  const before = processor();
  await workbench.iterate();
  // Recording and preparing are part of the first iteration.
  if (i > 0) seconds.push(processor() - before);
}
const result = { seconds: Math.min(...seconds), plannedSeconds, tensorBytes, peakBytes: peakMemory() };
process.stdout.write(`\n${JSON.stringify(result)}\n`);
process.exit(0);
