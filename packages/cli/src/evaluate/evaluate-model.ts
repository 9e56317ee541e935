import { existsSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '@draft/core';
import { cliVersion } from '../cli-directory.js';
import { readLayers } from '../config/command-layers.js';
import { evaluateOptions } from '../config/evaluate-options.js';
import { watchInterruption } from '../progress/interruption.js';
import { createProgress, type Progress } from '../progress/progress.js';
import { textTable } from '../progress/text-table.js';
import { runAlone } from '../run/run-alone.js';
import { type RunFolder, timeStamp } from '../run/run-folder.js';
import { commandText } from '../setup/command-text.js';
import { lookIntoFolder, openEvaluation, recordFile } from './evaluation-folder.js';
import { type EvaluationRecord, identityOf, requireSame } from './evaluation-record.js';
import { openEvaluationBench } from './open-evaluation-bench.js';
import { type PreparedEvaluation, prepareEvaluation } from './prepare-evaluation.js';
import { recordEvaluation } from './record-evaluation.js';
import { styleTable, summaryTable } from './report/summary-table.js';
import { resumeLayers } from './resume-evaluation.js';
import { measuresOf } from './statistics/measures.js';
import type { Summary } from './statistics/summarise.js';
import { writeEvaluation } from './write-evaluation.js';

/** The folder for an evaluation that was given none. */
const newFolder = (cwd: string): string => {
  const name = join('runs', `${timeStamp(new Date())}-evaluation`);
  for (let i = 1; ; i += 1) {
    const path = i === 1 ? name : `${name}-${i}`;
    if (!existsSync(join(cwd, path))) return path;
  }
};

const logSummary = (
  { rewards, config }: PreparedEvaluation,
  { variants, styles }: Summary,
  log: (text: string) => void,
): void => {
  const measures = measuresOf(rewards);
  const rows = summaryTable({ variants, measures, embedding: config.embedding, indent: '  ' });
  log(`\n${textTable(rows)}\n`);
  if (styles.length === 0) return;
  for (const measure of measures) {
    log(`${measure.label}, as in HPSv2's benchmark\n${textTable(styleTable(styles, variants, measure))}\n`);
  }
};

/** Draws what is missing and writes the results, in a folder in which no other process works meanwhile. */
const workIn = async (
  folder: RunFolder,
  prepared: PreparedEvaluation,
  command: string,
  progress: Progress,
  signal: AbortSignal,
  cwd: string,
): Promise<Summary | undefined> => {
  const identity = identityOf(prepared);
  // Another process may have begun, and ended, since the folder was looked into.
  const { begun } = lookIntoFolder(folder.path, cwd);
  if (begun) requireSame(begun, identity, folder.shown);
  let record = begun;
  const options = { folder, progress, signal, now: Date.now };
  const finished = await recordEvaluation(prepared.plan, options, async () => {
    const { bench, description, versions, pluginPaths } = await openEvaluationBench(
      prepared,
      cwd,
      progress,
      signal,
    );
    if (record === undefined) {
      record = {
        kind: 'evaluation',
        options: prepared.config,
        ...identity,
        model: { description, path: prepared.place.path },
        checkpoints: prepared.hub.commits(),
        versions: { '@draft/cli': cliVersion(), node: process.versions.node, ...versions },
        pluginPaths,
        command,
      } satisfies EvaluationRecord;
      writeFileAtomically(folder.file(recordFile), `${JSON.stringify(record, null, 2)}\n`);
    }
    return bench;
  });
  if (!finished || record === undefined) return undefined;
  progress.activity('writing the results');
  return writeEvaluation(folder, prepared.plan, record, prepared.config);
};

/**
 * Runs `draft evaluate` from its flags to its last line, `evaluation: <folder>`.
 * @param typed What the flags gave, by the names of the options.
 * @param args The command line, for the report.
 * @returns Whether the evaluation came to its end; if not, the user stopped it.
 */
export const evaluateModel = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
  args: readonly string[],
): Promise<boolean> => {
  const progress = createProgress(process.stdout, Date.now);
  const resumed = typeof typed.resume === 'string' ? openEvaluation(typed.resume, cwd) : undefined;
  const layers = resumed
    ? resumeLayers(typed, resumed.begun, resumed.folder.shown)
    : await readLayers(evaluateOptions, typed, cwd);
  const output = resumed?.folder.path ?? (layers.peek('output') as string | undefined);
  const looked = lookIntoFolder(output ?? newFolder(cwd), cwd);
  const prepared = await prepareEvaluation(
    layers,
    cwd,
    progress,
    looked.begun?.checkpoints,
    resumed?.begun.prompts,
  );
  // Said before the model is loaded, not minutes later.
  if (looked.begun) requireSame(looked.begun, identityOf(prepared), looked.folder.shown);
  const { folder } = looked;
  const interruption = watchInterruption(() =>
    progress.log('Stopping after these pictures; press Ctrl-C again to quit at once.'),
  );
  const wasThere = existsSync(folder.path);
  try {
    const command = looked.begun?.command ?? commandText(args);
    const summary = await runAlone(folder, () =>
      workIn(folder, prepared, command, progress, interruption.signal, cwd),
    );
    progress.finish();
    if (summary === undefined) {
      progress.log(`stopped; go on with: npx @draft/cli evaluate --resume ${folder.shown}`);
      return false;
    }
    logSummary(prepared, summary, progress.log);
    progress.log(`report: ${join(folder.shown, 'report.html')}`);
    progress.log(`evaluation: ${folder.shown}`);
    return true;
  } catch (error) {
    if (!wasThere) {
      try {
        rmdirSync(folder.path);
      } catch {
        // There is something in it.
      }
    }
    throw error;
  } finally {
    progress.finish();
    interruption.dispose();
  }
};
