import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DraftError, writeFileAtomically } from '@draft/core';
import { chooseSubjects, type JudgedPicture, type Subject } from '../run/evaluation.js';
import type { RunFolder } from '../run/run-folder.js';
import type { Workbench } from '../run/workbench.js';
import { type GuardReading, readPictures } from './guard-reading.js';
import { judgeReadings, type Verdict } from './guard-rule.js';

/** What the guard does about a reward that is being cheated. */
export type GuardAction = 'off' | 'warn' | 'stop';

/** What of a run is watched besides its trained rewards. */
export interface WatchPlan {
  readonly guard: GuardAction;
  /** Pictures of each sample prompt by which the guard measures diversity. */
  readonly samples: number;
  /** Of each watched reward, negative where lower is better. */
  readonly directions: Readonly<Record<string, number>>;
}

/** Watches nothing but samples. */
export const watchNothing: WatchPlan = { guard: 'off', samples: 1, directions: {} };

/** One reading and what follows from it. */
export interface WatchedMoment {
  readonly reading: GuardReading;
  readonly verdict: Verdict;
  /** The pictures of the sample strip. */
  readonly strip: readonly JudgedPicture[];
}

/** Takes readings of a run, and keeps the best LoRA by them. */
export interface RunWatch {
  readonly readings: readonly GuardReading[];
  /** What the readings so far say; nothing where the guard is off. */
  readonly verdict: Verdict;
  /** Makes and judges the pictures of one moment. */
  look(iteration: number): Promise<WatchedMoment>;
  /** What a checkpoint keeps. */
  state(): { readonly readings: readonly GuardReading[] };
  /** Files that a checkpoint keeps. */
  files(): readonly string[];
  /**
   * Goes on from a checkpoint.
   * @param folder Where its files are.
   */
  restore(state: unknown, folder: string): void;
}

/** `lora.best.safetensors`, `lora.best.kohya.safetensors`, and `sampling.best.safetensors`, which was learnt with them. */
const isBest = (name: string): boolean => /^(lora|sampling)\.best\./.test(name);

const bestIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).filter(isBest) : [];

const noVerdict: Verdict = { signs: [], lasting: [], best: null };

/** Held-out pictures of a reading. */
const heldOutCount = 8;

/** Which pictures a reading is of: several of each sample prompt for the guard, and some of held-out prompts. */
export const watchedSubjects = (
  samples: readonly Subject[],
  heldOut: readonly Subject[],
  { guard, samples: each, directions }: WatchPlan,
): { readonly train: readonly Subject[]; readonly heldOut: readonly Subject[] } => {
  const prompts = [...new Set(samples.map(({ prompt }) => prompt))];
  const watching = guard !== 'off' || Object.keys(directions).length > 0;
  const count = Math.max(samples.length, guard === 'off' ? 0 : prompts.length * each);
  return {
    // The first ones are the samples themselves.
    train: chooseSubjects(prompts, count, samples[0]?.seed ?? 0),
    heldOut: watching ? heldOut.slice(0, heldOutCount) : [],
  };
};

/** Starts to watch a run. */
export const createRunWatch = (
  workbench: Pick<Workbench, 'averages' | 'judge' | 'writeLora'>,
  folder: RunFolder,
  subjects: ReturnType<typeof watchedSubjects>,
  strip: number,
  { guard, directions }: WatchPlan,
): RunWatch => {
  let readings: readonly GuardReading[] = [];
  const judged = (): Verdict => (guard === 'off' ? noVerdict : judgeReadings(readings, directions));
  const write = (): void => {
    const lines = readings.map((reading, i) => {
      const { signs } = guard === 'off' ? noVerdict : judgeReadings(readings.slice(0, i + 1), directions);
      return JSON.stringify({ ...reading, signs: signs.map(({ measure }) => measure) });
    });
    writeFileAtomically(folder.file('watch.jsonl'), lines.map((line) => `${line}\n`).join(''));
  };
  return {
    get readings() {
      return readings;
    },
    get verdict() {
      return judged();
    },
    async look(iteration) {
      const closely = { closely: guard !== 'off' };
      const train = await workbench.judge(subjects.train, closely);
      const heldOut = await workbench.judge(subjects.heldOut);
      readings = [...readings, readPictures(iteration, train, heldOut)];
      write();
      const verdict = judged();
      if (verdict.best === iteration) {
        // The one that these pictures were made with.
        await workbench.writeLora(folder.file('lora.best.safetensors'), workbench.averages ?? false);
      }
      return {
        reading: readings.at(-1) as GuardReading,
        verdict,
        strip: train.slice(0, strip),
      };
    },
    state: () => ({ readings }),
    files: () => (guard === 'off' ? [] : bestIn(folder.path).map((name) => folder.file(name))),
    restore(state, place) {
      const saved = (state as { readonly readings?: readonly GuardReading[] } | undefined)?.readings ?? [];
      // Without any reading, as with --sample-every 0, there is nothing to compare with either way.
      if (guard !== 'off' && saved.length > 0 && !saved.some(({ diversity }) => diversity !== null)) {
        throw new DraftError(
          'DRAFT_RESUME_OPTION',
          `${folder.shown} was trained with --guard off, so nothing is known to compare with: go on with --guard off.`,
        );
      }
      readings = saved;
      if (readings.length > 0) write();
      for (const name of bestIn(folder.path)) rmSync(folder.file(name));
      for (const name of bestIn(place)) copyFileSync(join(place, name), folder.file(name));
    },
  };
};
