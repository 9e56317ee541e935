import { existsSync, mkdirSync } from 'node:fs';
import { type Pixels, readPng, writeFileAtomically, writePng } from '@draft/core';
import { type RunFolder, readRunJson } from './run-folder.js';

/** A prompt with the seed of its initial noise. */
export interface Subject {
  readonly prompt: string;
  readonly seed: number;
}

/** A picture and what the rewards say about it. */
export interface JudgedPicture extends Subject {
  readonly picture: Pixels;
  /** The weighted sum, which training maximises. */
  readonly reward: number;
  /** Each reward by its name, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Each reward that is only watched; absent where there is none. */
  readonly watched?: Readonly<Record<string, number>>;
  /** What diversity is measured in; only where it was asked for. */
  readonly embedding?: Float32Array;
  /** How much of the reward a step down its gradient takes; only where it was asked for, and there is a gradient. */
  readonly steepness?: number;
}

/** What the model makes of the same prompts and seeds at one moment. */
export interface Evaluation {
  /** Prompts that it is trained on. */
  readonly train: readonly JudgedPicture[];
  /** Prompts that it is not trained on. */
  readonly heldOut: readonly JudgedPicture[];
}

/** Means over pictures. */
export interface MeanReward {
  readonly reward: number;
  readonly rewards: Readonly<Record<string, number>>;
  /** Rewards that are only watched; absent where there is none. */
  readonly watched?: Readonly<Record<string, number>>;
}

/** The moments at which a run is evaluated. */
export type Moment = 'before' | 'after';

const sets = ['train', 'heldOut'] as const;

/**
 * Which prompts are judged, with seeds counted up from the run's: the first `count`, over again with other
 * seeds where there are fewer.
 */
export const chooseSubjects = (
  prompts: readonly string[],
  count: number,
  seed: number,
): readonly Subject[] =>
  prompts.length === 0
    ? []
    : Array.from({ length: count }, (_, i) => ({
        prompt: prompts[i % prompts.length] ?? '',
        seed: seed + i,
      }));

/** The mean of each reward over pictures; undefined where there are none. */
export const meanReward = (pictures: readonly JudgedPicture[]): MeanReward | undefined => {
  if (pictures.length === 0) return undefined;
  const mean = (pick: (picture: JudgedPicture) => number): number =>
    pictures.reduce((sum, picture) => sum + pick(picture), 0) / pictures.length;
  const means = (key: 'rewards' | 'watched') =>
    Object.fromEntries(
      Object.keys(pictures[0]?.[key] ?? {}).map((name) => [
        name,
        mean((picture) => picture[key]?.[name] ?? Number.NaN),
      ]),
    );
  return {
    reward: mean(({ reward }) => reward),
    rewards: means('rewards'),
    ...(pictures[0]?.watched ? { watched: means('watched') } : {}),
  };
};

const pictureName = (moment: Moment, set: string, index: number): string =>
  `${moment}-${set === 'train' ? 'train' : 'held-out'}-${String(index).padStart(2, '0')}.png`;

/** Keeps an evaluation in the run folder: the pictures one by one, and their rewards. */
export const saveEvaluation = (folder: RunFolder, moment: Moment, evaluation: Evaluation): void => {
  mkdirSync(folder.file('evaluation'), { recursive: true });
  const rows: Record<string, unknown> = {};
  for (const set of sets) {
    rows[set] = evaluation[set].map(({ picture, embedding: _, ...facts }, index) => {
      const name = pictureName(moment, set, index);
      writePng(folder.file('evaluation', name), picture);
      return { ...facts, picture: name };
    });
  }
  writeFileAtomically(folder.file('evaluation', `${moment}.json`), `${JSON.stringify(rows, null, 2)}\n`);
};

/** Reads an evaluation that was kept; undefined where there is none. */
export const loadEvaluation = (folder: RunFolder, moment: Moment): Evaluation | undefined => {
  const path = folder.file('evaluation', `${moment}.json`);
  if (!existsSync(path)) return undefined;
  const rows = readRunJson(path) as Record<
    (typeof sets)[number],
    readonly (Omit<JudgedPicture, 'picture'> & { readonly picture: string })[]
  >;
  const load = (set: (typeof sets)[number]): readonly JudgedPicture[] =>
    rows[set].map((row) => ({ ...row, picture: readPng(folder.file('evaluation', row.picture)) }));
  return { train: load('train'), heldOut: load('heldOut') };
};
