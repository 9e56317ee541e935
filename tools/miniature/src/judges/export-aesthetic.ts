import { join } from 'node:path';
import { storedWeights, writeJudge } from './export-judge.js';
import { aestheticParameters } from './train-aesthetic.js';

/** Writes the aesthetic judge's head under the names of LAION's. */
export const exportAesthetic = (folder: string, values: Float32Array): void =>
  writeJudge(join(folder, 'aesthetic'), storedWeights(aestheticParameters(), values), {});
