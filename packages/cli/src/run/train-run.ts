import { existsSync } from 'node:fs';
import { writeFileAtomically } from '@draft/core';
import { cliVersion } from '../cli-directory.js';
import { parseProfile } from '../config/parse-profile.js';
import { openPlan } from '../plan/open-plan.js';
import { planLines } from '../plan/plan-table.js';
import { profileWorkbench } from '../profile/profile-workbench.js';
import { writeProfile } from '../profile/write-profile.js';
import { watchInterruption } from '../progress/interruption.js';
import { createProgress } from '../progress/progress.js';
import { commandText } from '../setup/command-text.js';
import { openWorkbench } from '../setup/open-workbench.js';
import { type PreparedTraining, prepareTraining, readTrainLayers } from '../setup/prepare-training.js';
import { resumeRun } from '../setup/resume-run.js';
import { recordRun } from './record-run.js';
import { runAlone } from './run-alone.js';
import { createRunFolder, type RunFolder, refuseTaken } from './run-folder.js';
import type { Workbench } from './workbench.js';

const label = ({ rewards, algorithm }: PreparedTraining): string =>
  [...rewards.map(({ name }) => name), algorithm.plugin.name].join('-');

/** How many iterations are looked at before a run, and for how many seconds ops are measured: little, as the user waits. */
const planning = { iterations: 3, measure: 0.7 };

/** Puts something between a run and its workbench. */
export type ObserveRun = (
  workbench: Workbench,
  run: { readonly folder: RunFolder; readonly prepared: PreparedTraining },
) => Workbench;

/**
 * Runs `draft train` from its flags to its last line, `run: <folder>`.
 * @param typed What the flags gave, by the names of the options.
 * @param args The command line, for the report.
 * @param observe May look at the model in training.
 * @returns Whether the run came to its end; if not, the user stopped it.
 */
export const trainRun = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
  args: readonly string[],
  observe: ObserveRun = (workbench) => workbench,
): Promise<boolean> => {
  const progress = createProgress(process.stdout, Date.now);
  const resumed = typeof typed.resume === 'string' ? resumeRun(typed, typed.resume, cwd) : undefined;
  const layers = resumed?.layers ?? (await readTrainLayers(typed, cwd));
  const configured = await prepareTraining(layers, cwd, progress, resumed?.recorded);
  const range = parseProfile(configured.config.profile, configured.config.iterations);
  // Said before the model is loaded, not minutes later.
  const { output } = configured.config;
  if (resumed === undefined && output !== undefined) refuseTaken(output, cwd);
  const interruption = watchInterruption(() =>
    progress.log('Stopping after this iteration; press Ctrl-C again to quit at once.'),
  );
  try {
    const { signal } = interruption;
    const how = { ...planning, choose: resumed === undefined };
    const opened = await openPlan(configured, { cwd, progress, signal }, how);
    const { runtime, plan } = opened;
    for (const line of planLines(opened)) progress.log(line);
    const prepared = plan?.prepared ?? configured;
    const { config } = prepared;
    const { workbench, description, versions, pluginPaths } = await openWorkbench(
      prepared,
      cwd,
      progress,
      signal,
      runtime,
    );
    try {
      const folder = resumed?.folder ?? createRunFolder(config.output, label(prepared), cwd, new Date());
      const finished = await runAlone(folder, () => {
        const command = resumed?.recorded.command ?? commandText(args);
        const recorded = {
          options: config,
          prompts: prepared.prompts,
          heldOut: prepared.heldOut,
          model: { description, path: prepared.place.path },
          checkpoints: prepared.hub.commits(),
          versions: { '@draft/cli': cliVersion(), node: process.versions.node, ...versions },
          command,
        };
        // Not in the report, which is made to be passed on.
        const kept = { ...recorded, pluginPaths };
        if (resumed === undefined || !existsSync(folder.file('config.json'))) {
          writeFileAtomically(folder.file('config.json'), `${JSON.stringify(kept, null, 2)}\n`);
        }
        const profiled =
          range === undefined
            ? workbench
            : profileWorkbench(workbench, {
                ...range,
                done: (profile) => writeProfile(folder, range, profile, progress),
              });
        return recordRun(observe(profiled, { folder, prepared }), {
          folder,
          progress,
          signal: interruption.signal,
          prompts: prepared.prompts,
          heldOut: prepared.heldOut,
          seed: config.seed,
          iterations: config.iterations,
          evaluate: config.evaluate,
          sampleEvery: config.sampleEvery,
          checkpointEvery: config.checkpointEvery,
          keep: config.keep,
          resume: resumed !== undefined,
          watch: {
            guard: config.guard,
            samples: config.guardSamples,
            directions: Object.fromEntries(prepared.watched.map(({ name, weight }) => [name, weight])),
          },
          tensorboard: config.tensorboard,
          model: description,
          algorithm: prepared.algorithm.plugin.name,
          rewards: Object.fromEntries(prepared.rewards.map(({ name, weight }) => [name, weight])),
          config: recorded,
          command,
        });
      });
      progress.log(`run: ${folder.shown}`);
      return finished;
    } finally {
      workbench.dispose();
    }
  } finally {
    progress.finish();
    interruption.dispose();
  }
};
