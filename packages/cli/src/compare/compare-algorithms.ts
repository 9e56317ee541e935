import { formatRewards, writeFileAtomically } from '@draft/core';
import { compareOptions } from '../config/compare-options.js';
import { checkLayer } from '../config/config-layer.js';
import { mergeLayers } from '../config/merge-layers.js';
import { watchInterruption } from '../progress/interruption.js';
import { createProgress, type Progress } from '../progress/progress.js';
import { makeFolder } from '../run/make-folder.js';
import { runAlone } from '../run/run-alone.js';
import { commandText } from '../setup/command-text.js';
import { collectComparison } from './collect-comparison.js';
import { divergence, isFinished } from './collect-run.js';
import { type Comparison, meanOf } from './comparison.js';
import { placesIn } from './comparison-places.js';
import { planComparison, requireSame } from './comparison-plan.js';
import { openComparison } from './open-comparison.js';
import { type StartRun, startRun } from './start-run.js';
import { countRuns, isBegun, taskOf, type WantedRun, wantedRuns } from './wanted-run.js';
import { writeComparison } from './write-comparison.js';

const logRewards = ({ algorithms }: Comparison, progress: Progress): void => {
  for (const { label, runs } of algorithms) {
    if (runs.length === 0) continue;
    const before = meanOf(runs.map((run) => run.before.reward));
    const after = meanOf(runs.map((run) => run.after.reward));
    progress.log(`${label}: reward ${formatRewards([before, after]).join(' → ')}`);
  }
};

/**
 * Runs `draft compare` from its flags to its last line, `comparison: <folder>`.
 * @param typed What the flags gave, by the names of the options.
 * @param args The command line, for the report.
 * @param start Trains one run.
 * @returns Whether everything came to its end; if not, the user stopped it.
 */
export const compareAlgorithms = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
  args: readonly string[],
  start: StartRun = startRun,
): Promise<boolean> => {
  const progress = createProgress(process.stdout, Date.now);
  const { folder, layers, recorded } = await openComparison(typed, cwd);
  const plan = await planComparison(layers, cwd, progress);
  progress.finish();
  if (recorded !== undefined) requireSame(recorded, plan, folder.shown);
  const places = placesIn(folder, cwd);
  const { output: _, ...options } = mergeLayers(
    layers.layers.map((layer) => checkLayer(compareOptions, layer)),
  );
  const command = recorded !== undefined && typed.resume !== undefined ? recorded.command : commandText(args);
  const collect = (): Comparison => collectComparison(plan, places, { command, options });
  const interruption = watchInterruption(() => {});

  /** Brings a run to its end where it is not there; false where the user asked to stop. */
  const complete = async (run: WantedRun, count: string): Promise<boolean> => {
    const { contender, folder: place, iterations, learningRate } = run;
    if (isFinished(place) || divergence(place) !== undefined) return true;
    if (interruption.signal.aborted) return false;
    const name = `${contender.label}, ${run.what}`;
    progress.log(
      `[${count}] ${name}: ${iterations} iterations, learning rate ${learningRate}${isBegun(run) ? ', going on' : ''}`,
    );
    const end = await start(taskOf(run, plan, places.base), name, interruption.signal);
    if (end.kind === 'interrupted') return false;
    if (end.kind === 'diverged') {
      progress.log(`${name} diverged: ${end.message}`);
      makeFolder(place.path);
      writeFileAtomically(
        place.file('diverged.json'),
        `${JSON.stringify({ message: end.message }, null, 2)}\n`,
      );
    }
    writeComparison(folder, collect());
    return true;
  };

  const completeAll = async (): Promise<boolean> => {
    writeComparison(folder, collect());
    const total = countRuns(plan);
    let number = 0;
    for (const run of wantedRuns(plan, places)) {
      number += 1;
      if (!(await complete(run, `${number}/${total}`))) return false;
    }
    // Where nothing was left to run, what was asked for may still be another selection.
    writeComparison(folder, collect());
    return true;
  };

  try {
    makeFolder(folder.path);
    const finished = await runAlone(folder, completeAll);
    progress.finish();
    if (finished) logRewards(collect(), progress);
    else progress.log(`Stopped; go on with: draft compare --resume ${folder.shown}`);
    progress.log(`comparison: ${folder.shown}`);
    return finished;
  } finally {
    progress.finish();
    interruption.dispose();
  }
};
