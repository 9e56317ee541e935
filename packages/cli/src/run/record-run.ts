import { DraftError, openJsonLines, readJsonLines } from '@draft/core';
import type { GuardReading } from '../guard/guard-reading.js';
import type { Verdict } from '../guard/guard-rule.js';
import { createRunWatch, type WatchPlan, watchedSubjects, watchNothing } from '../guard/run-watch.js';
import type { Progress } from '../progress/progress.js';
import { turn } from '../progress/turn.js';
import { openEventFile } from '../tensorboard/event-file.js';
import { metricsScalars, readingScalars } from '../tensorboard/run-events.js';
import { openCheckpoints } from './checkpoint-store.js';
import { chooseSubjects, type Evaluation, loadEvaluation, saveEvaluation } from './evaluation.js';
import { type MetricsLine, trendOf } from './metrics.js';
import { removeUnfinished } from './remove-unfinished.js';
import type { RunFolder } from './run-folder.js';
import { readSample, writeCurve, writeSample } from './run-pictures.js';
import { samplingPath } from './save-lora.js';
import { steadyHeap } from './steady-heap.js';
import { summariseGuard, summariseMoment } from './summary.js';
import type { Workbench } from './workbench.js';
import { writeResults } from './write-results.js';

/** How a run is recorded. */
export interface RecordOptions {
  readonly folder: RunFolder;
  readonly progress: Progress;
  /** Asks to stop after the iteration that is running. */
  readonly signal: AbortSignal;
  readonly prompts: readonly string[];
  readonly heldOut: readonly string[];
  readonly seed: number;
  readonly iterations: number;
  /** Pictures that are judged of each set of prompts. */
  readonly evaluate: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  readonly keep: number;
  /** Whether the latest checkpoint of the folder is gone on from. */
  readonly resume: boolean;
  /** What is watched at each sample. @default nothing else */
  readonly watch?: WatchPlan;
  /** Whether `tensorboard/` gets what TensorBoard reads. @default false */
  readonly tensorboard?: boolean;
  /** For the summary. */
  readonly model: string;
  readonly algorithm: string;
  /** Weights by name. */
  readonly rewards: Readonly<Record<string, number>>;
  /** `config.json`. */
  readonly config: object;
  readonly command: string;
}

/** Most pictures of a sample strip. */
const sampleCount = 4;

/** The file that has what the pictures after training are made with; `--lora` takes it. */
const shownFile = ({ averages = false, adapts = true }: Workbench): string => {
  const lora = averages ? 'lora.ema.safetensors' : 'lora.safetensors';
  return adapts ? lora : samplingPath(lora);
};

/**
 * Runs a training from where it stands to its end, or to the next iteration's end where the user asks to stop,
 * and writes everything of its folder but `config.json`.
 * @returns Whether it came to its end.
 */
export const recordRun = async (workbench: Workbench, options: RecordOptions): Promise<boolean> => {
  const { folder, progress, signal, iterations } = options;
  const checkpoints = openCheckpoints(folder.file('checkpoints'), options.keep);
  removeUnfinished(folder.path);
  const start = options.resume ? checkpoints.latest() : undefined;
  if (start !== undefined) workbench.restore(start);
  else if (options.resume) progress.log(`${folder.shown} holds no checkpoint yet: beginning again.`);
  const metricsPath = folder.file('metrics.jsonl');
  const metrics = openJsonLines(metricsPath, { keep: start?.iteration ?? 0 });
  const lines = readJsonLines(metricsPath) as MetricsLine[];

  const subjects = {
    train: chooseSubjects(options.prompts, options.evaluate, options.seed),
    heldOut: chooseSubjects(options.heldOut, options.evaluate, options.seed),
  };
  const samples = subjects.train.slice(0, sampleCount);
  const plan = options.watch ?? watchNothing;
  const watch = createRunWatch(
    workbench,
    folder,
    watchedSubjects(samples, subjects.heldOut, plan),
    samples.length,
    plan,
  );
  if (start !== undefined) watch.restore(start.watch, start.folder);
  let warned = '';
  const warn = ({ lasting }: Verdict): void => {
    const text = lasting.map((sign) => sign.text).join('; ');
    if (text !== '' && warned === '') {
      progress.log(`warning: the reward is probably being cheated: ${text}. See docs/guard.md.`);
    }
    warned = text;
  };
  const events = options.tensorboard
    ? openEventFile(folder.file('tensorboard'), (start?.iteration ?? -1) + 1, Date.now)
    : undefined;
  /** Takes a reading and writes its samples. */
  const look = async (iteration: number): Promise<GuardReading> => {
    const { reading, strip, verdict } = await watch.look(iteration);
    writeSample(
      folder,
      iteration,
      strip.map(({ picture }) => picture),
    );
    events?.add({
      step: iteration,
      scalars: readingScalars(reading),
      images: { samples: readSample(folder, iteration) },
    });
    warn(verdict);
    return reading;
  };
  const stopped = (): boolean => plan.guard === 'stop' && watch.verdict.lasting.length > 0;
  const judgeAll = async (when: string): Promise<Evaluation> => {
    progress.activity(`making and judging pictures ${when}`);
    return {
      train: await workbench.judge(subjects.train),
      heldOut: await workbench.judge(subjects.heldOut),
    };
  };
  const writeCheckpoint = async (): Promise<void> =>
    checkpoints.write({ ...(await workbench.state()), watch: watch.state() }, watch.files());
  let saved = start?.iteration;
  let done = saved ?? 0;
  const iterate = async (): Promise<MetricsLine> => {
    try {
      return await workbench.iterate();
    } catch (error) {
      // An iteration that fails changes nothing, so what was reached before it is kept.
      if (saved !== done) await writeCheckpoint().catch(() => {});
      throw error;
    }
  };

  try {
    // A run that is gone on from has its first pictures; they were made before the LoRA changed.
    let before = loadEvaluation(folder, 'before');
    if (before === undefined) {
      if (done > 0) {
        throw new DraftError(
          'DRAFT_RUN_DAMAGED',
          `${folder.file('evaluation', 'before.json')} is missing, so what the run began from cannot be shown: put it back, or start a new run.`,
        );
      }
      before = await judgeAll('before training');
      saveEvaluation(folder, 'before', before);
    }
    if (options.sampleEvery > 0 && done === 0) await look(0);
    await turn();
    const first = done + 1;
    while (done < iterations && !signal.aborted && !stopped()) {
      const line = await iterate();
      done = line.iteration;
      if (done === first) steadyHeap();
      lines.push(line);
      const trend = trendOf(lines.map(({ reward }) => reward));
      const recent = lines.slice(-20);
      progress.iteration({
        done,
        total: iterations,
        reward: line.reward,
        ...trend,
        secondsEach: recent.reduce((sum, { seconds }) => sum + seconds, 0) / recent.length,
        residentBytes: workbench.residentBytes(),
      });
      const due = options.sampleEvery > 0 && done % options.sampleEvery === 0;
      const seen = due ? { watch: await look(done) } : {};
      metrics.append({ ...line, ...seen });
      events?.add({ step: done, scalars: metricsScalars(line) });
      if (options.checkpointEvery > 0 && done % options.checkpointEvery === 0) {
        await writeCheckpoint();
        saved = done;
      }
      await turn();
    }
    if (saved !== done) await writeCheckpoint();
    await workbench.writeLora(folder.file('lora.safetensors'));
    if (workbench.averages) await workbench.writeLora(folder.file('lora.ema.safetensors'), true);
    progress.finish();
    const guarded = stopped();
    if (guarded) {
      const best =
        watch.verdict.best === null
          ? 'No LoRA was free of it'
          : 'The best LoRA before that is lora.best.safetensors';
      progress.log(`The guard stopped the run after iteration ${done} of ${iterations}. ${best}.`);
    }
    if (done < iterations && !guarded) {
      if (lines.length > 0) writeCurve(folder, lines);
      progress.log(
        `Stopped after iteration ${done} of ${iterations}; go on with: draft train --resume ${folder.shown}`,
      );
      return false;
    }
    const after = await judgeAll('after training');
    saveEvaluation(folder, 'after', after);
    progress.finish();
    writeResults(folder, {
      summary: {
        before: summariseMoment(before),
        after: summariseMoment(after),
        model: options.model,
        algorithm: options.algorithm,
        rewards: options.rewards,
        iterations: done,
        rewardQueries: lines.at(-1)?.rewardQueries ?? 0,
        seconds: lines.reduce((sum, { seconds }) => sum + seconds, 0),
        lora: shownFile(workbench),
        ...(plan.guard === 'off' ? {} : { guard: summariseGuard(watch.verdict, guarded) }),
      },
      before,
      after,
      metrics: lines,
      readings: watch.readings,
      samplePrompts: options.sampleEvery > 0 ? samples.map(({ prompt }) => prompt) : [],
      config: options.config,
      command: options.command,
    });
    return true;
  } finally {
    metrics.close();
    events?.close();
  }
};
