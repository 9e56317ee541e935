import { peakMemory } from '../../../packages/cli/src/compare/peak-memory.js';
import { openRuntime } from '../../../packages/cli/src/setup/open-runtime.js';
import { openPoint, type Point, preparePoint, silent } from './prepare-point.js';
import { processorSeconds } from './processor-seconds.js';

// One point of the curves: some iterations in a process of its own.

const prepared = await preparePoint(JSON.parse(process.argv[2] ?? '{}') as Point);
const runtime = await openRuntime({ backend: 'tensorflow', dtype: 'float32', batch: 2 }, silent);
const workbench = await openPoint(prepared, runtime);
const seconds: number[] = [];
for (let i = 0; i < 3; i++) {
  const before = processorSeconds();
  await workbench.iterate();
  // Recording and preparing are part of the first iteration.
  if (i > 0) seconds.push(processorSeconds() - before);
}
process.stdout.write(`\n${JSON.stringify({ seconds: Math.min(...seconds), peakBytes: peakMemory() })}\n`);
process.exit(0);
