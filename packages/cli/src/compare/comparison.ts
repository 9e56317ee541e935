import type { RunNumbers } from './collect-run.js';
import type { OwnConfig } from './prepare-contenders.js';
import type { QueryAdvantage } from './query-advantage.js';

/** One learning rate that was tried. */
export interface Trial {
  readonly learningRate: number;
  /** Relative to the comparison. */
  readonly folder: string;
  /** What finished pictures of the training prompts score after it; null where the run diverged. */
  readonly reward: number | null;
}

/** Where a learning rate comes from: said for this algorithm, found by trials, or said for all. */
export type LearningRateSource = 'given' | 'tuned' | 'shared';

/** One algorithm in `compare.json`. */
export interface ContenderRecord {
  /** As it stands in `--algorithms`. */
  readonly request: string;
  /** What figures call it. */
  readonly label: string;
  /** Name of its folders. */
  readonly id: string;
  readonly config: OwnConfig;
  readonly learningRate: { readonly value: number; readonly source: LearningRateSource } | null;
  readonly trials: readonly Trial[];
  /** By seed. */
  readonly runs: readonly RunNumbers[];
  /** Runs that ended because a number was no longer finite. */
  readonly diverged: readonly { readonly seed: number; readonly message: string }[];
}

/** `compare.json`. */
export interface Comparison {
  readonly version: 1;
  readonly command: string;
  /** What the user said, by the names of options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What all runs have in common, with defaults and the checkpoint's recommendations. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly prompts: readonly string[];
  readonly heldOut: readonly string[];
  readonly seeds: readonly number[];
  /** The model in one line; null before the first run. */
  readonly model: string | null;
  readonly versions: Readonly<Record<string, string>>;
  /** Names of the rewards, with their weights. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Of the model before training, with what it is measured in; null where it was not measured. */
  readonly diversity: { readonly embedding: string; readonly before: number } | null;
  /** How many queries each algorithm needs to come half the way of the best; null before the first run. */
  readonly halfway: QueryAdvantage | null;
  readonly algorithms: readonly ContenderRecord[];
}

/** The mean; NaN of nothing. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
