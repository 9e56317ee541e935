import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** What the heap of a process grows to, in which a steady number of objects is replaced one by one. */
const heapOf = (steady: boolean): number => {
  const program = `
    import { steadyHeap } from './src/run/steady-heap.ts';
    const ring = Array.from({ length: 60_000 }, (_, i) => ({ numbers: new Array(50).fill(i) }));
    if (${steady}) steadyHeap();
    let most = 0;
    for (let i = 0; i < 1_200_000; i++) {
      ring[(i * 7919) % ring.length] = { numbers: new Array(50).fill(i) };
      if (i % 1000 === 0) most = Math.max(most, process.memoryUsage().heapTotal);
    }
    process.stdout.write(String(most));
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  return Number(
    execFileSync(process.execPath, args, { cwd: new URL('..', import.meta.url), encoding: 'utf8' }),
  );
};

it('keeps the heap near what is used of it', () => {
  expect(heapOf(true)).toBeLessThan(0.8 * heapOf(false));
});
