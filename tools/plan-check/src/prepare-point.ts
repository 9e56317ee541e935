import type { Runtime } from '@draft/core';
import { parseSize } from '../../../packages/cli/src/config/parse-size.js';
import { createProgress } from '../../../packages/cli/src/progress/progress.js';
import { openWorkbench } from '../../../packages/cli/src/setup/open-workbench.js';
import {
  type PreparedTraining,
  prepareTraining,
  readTrainLayers,
} from '../../../packages/cli/src/setup/prepare-training.js';

/** Options of a run on the miniature that the curves vary. */
export type Point = Readonly<Record<string, unknown>>;

/** Shows nothing. */
export const silent = createProgress({ write() {} }, Date.now);

const cwd = process.cwd();

/** A run of a few iterations on symmetry. */
export const preparePoint = async (point: Point): Promise<PreparedTraining> => {
  const layers = await readTrainLayers({ prompts: ['cat'], reward: ['symmetry'], memory: 'off' }, cwd);
  const base = await prepareTraining(layers, cwd, silent);
  const set = (point.set ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...base,
    config: { ...base.config, guard: 'off', iterations: 3, ...point },
    size: parseSize(point.size as number | undefined),
    algorithm: await base.plugins.configure('algorithm', String(point.algorithm), set),
  };
};

/** Opens a prepared point on a runtime. */
export const openPoint = async (prepared: PreparedTraining, runtime: Runtime) =>
  (await openWorkbench(prepared, cwd, silent, new AbortController().signal, runtime)).workbench;
