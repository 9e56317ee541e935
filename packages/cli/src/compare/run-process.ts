import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DraftError, openJsonLines } from '@draft/core';
import { Command } from 'commander';
import { addFlags } from '../config/flags.js';
import { type TrainConfig, trainOptions } from '../config/train-options.js';
import { createProgress } from '../progress/progress.js';
import { reportError } from '../report-error.js';
import { trainRun } from '../run/train-run.js';
import { openHub } from '../setup/hub-access.js';
import { openRuntime } from '../setup/open-runtime.js';
import { measureDiversity } from './measure-diversity.js';
import { observeWorkbench } from './observe-workbench.js';
import { peakMemory } from './peak-memory.js';
import { divergedStatus, type RunTask } from './run-task.js';

/** Measures the pictures that the run has kept for it. */
const measure = async ({ folder, baseFolder, diversity }: RunTask, config: TrainConfig): Promise<void> => {
  const progress = createProgress(process.stdout, Date.now);
  const folders = [join(folder, 'diversity'), ...(baseFolder === undefined ? [] : [baseFolder])];
  for (const path of folders.filter((each) => existsSync(each))) {
    const runtime = await openRuntime(config, progress);
    const hub = openHub(progress).options;
    await measureDiversity(path, diversity, diversity.embedding, { runtime, log: progress.log, hub });
  }
  progress.finish();
};

const parseFlags = (args: readonly string[]): Readonly<Record<string, unknown>> =>
  addFlags(new Command('draft train').option('--resume <FOLDER>').exitOverride(), trainOptions)
    .parse([...args], { from: 'user' })
    .opts();

/**
 * Trains one run of a comparison; each run has a process, so that its memory is its own.
 * @returns The exit status.
 */
const runTask = async (task: RunTask): Promise<number> => {
  let finished = false;
  let status = 0;
  const seen: { config?: TrainConfig; peakBytes?: number } = {};
  try {
    finished = await trainRun(
      // The memory of each run is measured, and planning would be part of it.
      { memory: 'off', ...parseFlags(task.args) },
      process.cwd(),
      ['train', ...task.args],
      (workbench, { folder, prepared }) => {
        seen.config = prepared.config;
        return observeWorkbench(workbench, {
          folder,
          prompts: prepared.prompts,
          evaluate: prepared.config.evaluate,
          seed: prepared.config.seed,
          iterations: task.iterations,
          moments: task.moments,
          diversity: task.diversity,
          baseFolder: task.baseFolder,
        });
      },
    );
    status = finished ? 0 : 130;
    // What measuring needs is not the algorithm's.
    seen.peakBytes = peakMemory();
    if (finished && seen.config !== undefined) await measure(task, seen.config);
  } catch (error) {
    status = reportError(error, 'train');
    if (DraftError.is(error) && error.code === 'DRAFT_NON_FINITE') status = divergedStatus;
  }
  if (existsSync(task.folder)) {
    const usage = openJsonLines(join(task.folder, 'processes.jsonl'));
    usage.append({ seconds: process.uptime(), peakBytes: seen.peakBytes ?? peakMemory(), finished });
    usage.close();
  }
  return status;
};

process.exitCode = await runTask(JSON.parse(process.argv[2] ?? '{}') as RunTask);
