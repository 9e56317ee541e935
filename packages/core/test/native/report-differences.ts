import { createRuntime } from '../../src/runtime/create-runtime.js';
import { nativeCases } from './cases.js';
import { differencesOf, expectedOf } from './compare-case.js';

// Run by native-kernels.test.ts in a process of its own, with DRAFT_KERNELS and the number of processors set: prints how far each
// case is from plain ops.

const [computeType, batch] = process.argv.slice(2) as ['float32' | 'bfloat16', string];
const runtime = await createRuntime({ backend: 'tensorflow', computeType, batch: Number(batch) });
const report: Record<string, number[]> = {};
for (const test of nativeCases)
  report[test.name] = await differencesOf(runtime, test, await expectedOf(test));
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
