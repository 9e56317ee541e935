import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatRewards, writeFileAtomically } from '@draft/core';
import { compareOptions } from '../config/compare-options.js';
import { checkLayer } from '../config/config-layer.js';
import { mergeLayers } from '../config/merge-layers.js';
import { watchInterruption } from '../progress/interruption.js';
import { createProgress } from '../progress/progress.js';
import { makeFolder } from '../run/make-folder.js';
import { runAlone } from '../run/run-alone.js';
import { openFolder, type RunFolder, readRunJson } from '../run/run-folder.js';
import type { RunSummary } from '../run/summary.js';
import { commandText } from '../setup/command-text.js';
import { collectRun, divergence, isFinished } from './collect-run.js';
import { type Comparison, type ContenderRecord, meanOf, type Trial } from './comparison.js';
import { rewardBefore } from './comparison-figures.js';
import { type PlannedContender, planComparison, requireSame } from './comparison-plan.js';
import { readDiversity } from './measure-diversity.js';
import { openComparison } from './open-comparison.js';
import { type Contender, ownConfig } from './prepare-contenders.js';
import { queryAdvantage } from './query-advantage.js';
import { momentsOf } from './query-count.js';
import type { RunTask } from './run-task.js';
import { type StartRun, startRun } from './start-run.js';
import { trainArguments } from './train-arguments.js';
import { bestTrial } from './tune.js';
import { writeComparison } from './write-comparison.js';

/** One run that is to be there in the end. */
interface WantedRun {
  readonly contender: Contender;
  readonly folder: RunFolder;
  readonly seed: number;
  readonly learningRate: number;
  readonly iterations: number;
  /** Whether it is one of those that are compared, not a trial. */
  readonly compared: boolean;
}

/** How many sample pictures of a run there are, beside the first. */
const samples = 6;

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
  const { config, contenders, seeds, settings, tune } = plan;
  const { output: _, ...options } = mergeLayers(
    layers.layers.map((layer) => checkLayer(compareOptions, layer)),
  );
  const inside = (...parts: readonly string[]): RunFolder => openFolder(folder.file(...parts), cwd);
  const runFolder = ({ id }: Contender, seed: number): readonly string[] => ['runs', id, `seed-${seed}`];
  const trialFolder = ({ id }: Contender, rate: number): readonly string[] => ['tuning', id, String(rate)];
  const baseFolder = folder.file('base');
  const diversity = {
    prompts: config.diversityPrompts,
    samples: config.diversitySamples,
    embedding: config.embedding,
  };

  const trialOf = ({ contender }: PlannedContender, learningRate: number): Trial | undefined => {
    const parts = trialFolder(contender, learningRate);
    const place = inside(...parts);
    const about = { learningRate, folder: join(...parts) };
    if (divergence(place) !== undefined) return { ...about, reward: null };
    if (!isFinished(place)) return undefined;
    const { after } = readRunJson(place.file('summary.json')) as RunSummary;
    return { ...about, reward: after.reward };
  };

  const rateOf = (planned: PlannedContender): number | undefined => {
    if (planned.learningRate !== undefined) return planned.learningRate;
    const trials = tune.map((rate) => trialOf(planned, rate));
    const known = trials.flatMap((trial) => trial ?? []);
    return known.length === trials.length ? bestTrial(planned.contender.label, known) : undefined;
  };

  const recordOf = (planned: PlannedContender): ContenderRecord => {
    const { contender, source } = planned;
    const value = rateOf(planned);
    const runs = seeds.map((seed) => ({ seed, parts: runFolder(contender, seed) }));
    return {
      request: contender.request.text,
      label: contender.label,
      id: contender.id,
      config: ownConfig(contender),
      learningRate: value === undefined ? null : { value, source },
      trials: source === 'tuned' ? tune.flatMap((rate) => trialOf(planned, rate) ?? []) : [],
      runs: runs.flatMap(({ seed, parts }) =>
        isFinished(inside(...parts)) ? [collectRun(inside(...parts), seed, join(...parts))] : [],
      ),
      diverged: runs.flatMap(({ seed, parts }) => {
        const message = divergence(inside(...parts));
        return message === undefined ? [] : [{ seed, message }];
      }),
    };
  };

  const record = (): Comparison => {
    const algorithms = contenders.map(recordOf);
    const before = readDiversity(baseFolder);
    const [some] = algorithms.flatMap(({ runs }) => runs);
    const { model, versions } = (
      some === undefined ? {} : readRunJson(inside(some.folder).file('config.json'))
    ) as { model?: { description: string }; versions?: Readonly<Record<string, string>> };
    const prepared = contenders[0]?.contender.prepared;
    return {
      version: 1,
      command: recorded !== undefined && typed.resume !== undefined ? recorded.command : commandText(args),
      options,
      settings,
      prompts: prepared?.prompts ?? [],
      heldOut: prepared?.heldOut ?? [],
      seeds,
      model: model?.description ?? null,
      versions: versions ?? {},
      rewards: Object.fromEntries((prepared?.rewards ?? []).map(({ name, weight }) => [name, weight])),
      diversity: before === undefined ? null : { embedding: before.embedding, before: before.mean },
      halfway: queryAdvantage(algorithms, rewardBefore({ algorithms })) ?? null,
      algorithms,
    };
  };

  const taskOf = (run: WantedRun): RunTask => {
    const { contender, folder: place, seed, learningRate, iterations, compared } = run;
    const resumed = existsSync(place.file('config.json'));
    return {
      args: resumed
        ? ['--resume', place.shown]
        : trainArguments({
            ...contender.values,
            // All are to spend their queries.
            guard: 'off',
            learningRate,
            iterations,
            seed,
            output: place.shown,
            sampleEvery: compared ? Math.ceil(iterations / samples) : 0,
          }),
      folder: place.path,
      iterations,
      moments: compared ? momentsOf(iterations, config.moments) : [],
      diversity: compared ? diversity : { ...diversity, prompts: 0 },
      ...(compared && readDiversity(baseFolder) === undefined ? { baseFolder } : {}),
    };
  };

  const trials = contenders.flatMap((planned) =>
    planned.learningRate === undefined ? tune.map((rate) => ({ planned, rate })) : [],
  );
  const total = trials.length + contenders.length * seeds.length;
  const interruption = watchInterruption(() => {});
  let number = 0;

  /** Brings a run to its end where it is not there; false where the user asked to stop. */
  const complete = async (run: WantedRun, what: string): Promise<boolean> => {
    number += 1;
    const { contender, folder: place, iterations, learningRate } = run;
    if (isFinished(place) || divergence(place) !== undefined) return true;
    if (interruption.signal.aborted) return false;
    const name = `${contender.label}, ${what}`;
    progress.log(
      `[${number}/${total}] ${name}: ${iterations} iterations, learning rate ${learningRate}${existsSync(place.file('config.json')) ? ', going on' : ''}`,
    );
    const end = await start(taskOf(run), name, interruption.signal);
    if (end.kind === 'diverged') {
      progress.log(`${name} diverged: ${end.message}`);
      makeFolder(place.path);
      writeFileAtomically(
        place.file('diverged.json'),
        `${JSON.stringify({ message: end.message }, null, 2)}\n`,
      );
    }
    if (end.kind !== 'interrupted') writeComparison(folder, record());
    return end.kind !== 'interrupted';
  };

  const everything = async (): Promise<boolean> => {
    writeComparison(folder, record());
    for (const { planned, rate } of trials) {
      const { contender, trialIterations: iterations } = planned;
      const place = inside(...trialFolder(contender, rate));
      const run = { contender, folder: place, seed: config.tuneSeed, learningRate: rate, iterations };
      if (!(await complete({ ...run, compared: false }, `trying ${rate}`))) return false;
    }
    for (const seed of seeds) {
      for (const planned of contenders) {
        const { contender } = planned;
        const run = {
          contender,
          folder: inside(...runFolder(contender, seed)),
          seed,
          learningRate: rateOf(planned) ?? contender.prepared.config.learningRate,
          iterations: planned.iterations.get(seed) ?? 1,
        };
        if (!(await complete({ ...run, compared: true }, `seed ${seed}`))) return false;
      }
    }
    // Where nothing was left to run, what was asked for may still be another selection.
    writeComparison(folder, record());
    return true;
  };

  try {
    makeFolder(folder.path);
    const finished = await runAlone(folder, everything);
    progress.finish();
    if (finished) {
      for (const { label, runs } of record().algorithms) {
        if (runs.length === 0) continue;
        const before = meanOf(runs.map((run) => run.before.reward));
        const after = meanOf(runs.map((run) => run.after.reward));
        progress.log(`${label}: reward ${formatRewards([before, after]).join(' → ')}`);
      }
    } else progress.log(`Stopped; go on with: draft compare --resume ${folder.shown}`);
    progress.log(`comparison: ${folder.shown}`);
    return finished;
  } finally {
    progress.finish();
    interruption.dispose();
  }
};
