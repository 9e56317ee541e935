import type { RehearsedFunction, RehearsedWork, Runtime } from '@draft/core';
import type { Progress } from '../progress/progress.js';
import { chooseSubjects } from '../run/evaluation.js';
import { openWorkbench } from '../setup/open-workbench.js';
import type { PreparedTraining } from '../setup/prepare-training.js';

/** What a run does, counted without doing it. */
export interface RehearsedRun {
  /** What loading makes: weights, and what else stays. */
  readonly loaded: RehearsedWork;
  /** Making and judging pictures, so many of them. */
  readonly judged: RehearsedWork & { readonly pictures: number };
  readonly iterations: readonly RehearsedWork[];
  /** What a checkpoint takes. */
  readonly saved: RehearsedWork;
  /** Of the pictures, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
}

const silent: Progress = { log() {}, activity() {}, iteration() {}, finish() {} };

/**
 * Goes through a run, the model's loading, pictures and iterations, on tensors that have a shape but no numbers. No weight
 * is read.
 * @param iterations How many iterations are looked at, at most: plans differ from one to the next.
 */
export const rehearseRun = async (
  prepared: PreparedTraining,
  cwd: string,
  runtime: Runtime,
  { signal, iterations: most }: { readonly signal: AbortSignal; readonly iterations: number },
): Promise<RehearsedRun> => {
  const rehearsal = runtime.rehearse?.();
  if (rehearsal === undefined) throw new Error(`the back end ${runtime.backend} cannot rehearse`);
  try {
    const { config } = prepared;
    const { workbench, size } = await openWorkbench(prepared, cwd, silent, signal, rehearsal.runtime);
    const loaded = rehearsal.take();
    const pictures = Math.min(config.evaluate, config.microBatch ?? config.batch);
    const closely = config.guard !== 'off' && config.sampleEvery > 0;
    await workbench.judge(chooseSubjects(prepared.prompts, pictures, config.seed), { closely });
    const judged = { ...rehearsal.take(), pictures };
    const iterations: RehearsedWork[] = [];
    while (iterations.length < Math.min(most, Math.max(2, config.iterations))) {
      await workbench.iterate();
      iterations.push(rehearsal.take());
    }
    await workbench.state();
    const saved = rehearsal.take();
    workbench.dispose();
    return { loaded, judged, iterations, saved, size };
  } finally {
    rehearsal.end();
  }
};

/** The function that needs the most memory of all that were called. */
export const largestFunction = ({ judged, iterations }: RehearsedRun): RehearsedFunction | undefined =>
  [judged, ...iterations]
    .flatMap(({ functions }) => functions)
    .reduce<RehearsedFunction | undefined>(
      (most, next) => (most === undefined || next.bytes > most.bytes ? next : most),
      undefined,
    );
