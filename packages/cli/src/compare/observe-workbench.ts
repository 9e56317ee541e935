import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically, writePng } from '@draft/core';
import { chooseSubjects, meanReward, type Subject } from '../run/evaluation.js';
import { type RunFolder, readRunJson } from '../run/run-folder.js';
import type { Workbench } from '../run/workbench.js';

/** What finished pictures of the judged prompts and seeds score at one moment of a run: a line of `moments.json`. */
export interface JudgedMoment {
  readonly iteration: number;
  /** Pictures judged in training until then. */
  readonly rewardQueries: number;
  /** The mean weighted sum. */
  readonly reward: number;
  readonly rewards: Readonly<Record<string, number>>;
}

/** What is looked at while a run of a comparison goes on. */
export interface Observation {
  readonly folder: RunFolder;
  readonly prompts: readonly string[];
  /** Pictures that are judged at each moment, as before and after the run. */
  readonly evaluate: number;
  readonly seed: number;
  /** The run's iterations. */
  readonly iterations: number;
  /** Iterations after which finished pictures are judged; the last is judged anyway. */
  readonly moments: readonly number[];
  /** Prompts, and pictures of each, whose diversity is measured. */
  readonly diversity: { readonly prompts: number; readonly samples: number };
  /** Where the same pictures go before training; undefined where they are there. */
  readonly baseFolder: string | undefined;
}

/** The first seed of pictures whose diversity is measured, away from those that are judged; the same in all runs. */
const diversitySeed = 500_000;

/** Prompts and seeds of those pictures, one prompt after the other. */
export const diversitySubjects = (
  prompts: readonly string[],
  count: { readonly prompts: number; readonly samples: number },
): readonly Subject[] =>
  prompts
    .slice(0, count.prompts)
    .flatMap((prompt) =>
      Array.from({ length: count.samples }, (_, i) => ({ prompt, seed: diversitySeed + i })),
    );

/** The file of one of those pictures. */
export const diversityFile = (index: number): string => `${String(index).padStart(3, '0')}.png`;

/** The moments that a run has been judged at. */
export const readMoments = (folder: RunFolder): readonly JudgedMoment[] => {
  const path = folder.file('moments.json');
  return existsSync(path) ? (readRunJson(path) as readonly JudgedMoment[]) : [];
};

/**
 * A workbench that judges finished pictures at given moments, and keeps pictures for diversity at the end. What is trained
 * is the same to the bit, and the time of an iteration is that of the iteration alone.
 */
export const observeWorkbench = (inner: Workbench, observation: Observation): Workbench => {
  const { folder, prompts, seed, iterations, moments, baseFolder } = observation;
  const judged = chooseSubjects(prompts, observation.evaluate, seed);
  const varied = diversitySubjects(prompts, observation.diversity);
  let seen: readonly JudgedMoment[] = [];
  let done = 0;

  const keepPictures = async (path: string): Promise<void> => {
    if (varied.length === 0) return;
    const pictures = await inner.judge(varied);
    mkdirSync(path, { recursive: true });
    pictures.forEach(({ picture }, index) => {
      writePng(join(path, diversityFile(index)), picture);
    });
  };

  return {
    ...inner,
    restore(content) {
      inner.restore(content);
      done = content.iteration;
      seen = readMoments(folder).filter(({ iteration }) => iteration <= done);
    },
    async iterate() {
      if (done === 0 && baseFolder !== undefined) await keepPictures(baseFolder);
      const line = await inner.iterate();
      done = line.iteration;
      if (done === iterations) await keepPictures(folder.file('diversity'));
      else if (moments.includes(done)) {
        const mean = meanReward(await inner.judge(judged));
        if (mean !== undefined) {
          seen = [...seen, { iteration: done, rewardQueries: line.rewardQueries, ...mean }];
          writeFileAtomically(folder.file('moments.json'), `${JSON.stringify(seen, null, 2)}\n`);
        }
      }
      return line;
    },
  };
};
