import { measureOps, secondsOfWork } from '../../../packages/cli/src/plan/op-times.js';
import { openRuntime } from '../../../packages/cli/src/setup/open-runtime.js';
import { openPoint, type Point, preparePoint, silent } from './prepare-point.js';
import { processorSeconds } from './processor-seconds.js';

// What an iteration takes at each of many points, worked out without computing it.

const points = JSON.parse(process.argv[2] ?? '[]') as readonly Point[];
const runtime = await openRuntime({ backend: 'tensorflow', dtype: 'float32', batch: 2 }, silent);
const results: { readonly seconds: number; readonly tensorBytes: number }[] = [];
for (const point of points) {
  const rehearsal = runtime.rehearse?.();
  if (rehearsal === undefined) throw new Error('this back end cannot rehearse');
  const workbench = await openPoint(await preparePoint(point), rehearsal.runtime);
  await workbench.iterate();
  rehearsal.take();
  await workbench.iterate();
  const work = rehearsal.take();
  workbench.dispose();
  rehearsal.end();
  const times = await measureOps(work.functions, { clock: processorSeconds });
  results.push({ seconds: secondsOfWork(work, times), tensorBytes: work.peakBytes });
}
process.stdout.write(`\n${JSON.stringify(results)}\n`);
process.exit(0);
