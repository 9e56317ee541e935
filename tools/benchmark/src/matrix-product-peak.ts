import { fileURLToPath } from 'node:url';
import type { ComputeType } from '@draft/core';
import { type SideCommand, startSide } from './side.js';

const worker = fileURLToPath(new URL('../dist/matrix-product-worker.js', import.meta.url));

/**
 * Multiplications and additions a second in large matrix products, the best of several.
 * @param pinned Gives a command the processors that the benchmark has.
 */
export const matrixProductPeak = async (
  pinned: (command: SideCommand) => SideCommand,
  dtype: ComputeType,
): Promise<number> => {
  const side = await startSide(
    pinned({
      program: process.execPath,
      arguments: [worker, dtype],
      environment: {},
    }),
  );
  let best = 0;
  for (let i = 0; i < 8; i++) {
    const { seconds, values } = await side.run();
    best = Math.max(best, (values.operations as number) / seconds);
  }
  await side.end();
  return best;
};
