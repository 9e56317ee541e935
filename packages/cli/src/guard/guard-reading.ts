import type { JudgedPicture } from '../run/evaluation.js';
import { pictureDiversity } from '../run/picture-diversity.js';

/** Mean and standard deviation (population) over pictures. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** What the rewards say about one set of pictures. */
export interface SetReading {
  /** The weighted sum, which training maximises. */
  readonly reward: Spread;
  /** Each trained reward by its name, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Each reward that is only watched. */
  readonly watched: Readonly<Record<string, Spread>>;
}

/** What is seen of a run at one moment; always of the same prompts and seeds. */
export interface GuardReading {
  /** Iterations so far; 0 is before training. */
  readonly iteration: number;
  /** Pictures of prompts that are trained on. */
  readonly train: SetReading;
  /** Pictures of prompts that are not; null where there are none. */
  readonly heldOut: SetReading | null;
  /** `1 − mean cos` between the pictures of a prompt, the mean over prompts; null where it was not measured. */
  readonly diversity: number | null;
  /** Mean of `r(x) − r(x − ρ ĝ)`; null where it was not measured, or no reward has a gradient. */
  readonly steepness: number | null;
}

const spreadOf = (values: readonly number[]): Spread => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
};

const readSet = (pictures: readonly JudgedPicture[]): SetReading | null => {
  const [first] = pictures;
  if (first === undefined) return null;
  const of = (pick: (picture: JudgedPicture) => number | undefined): Spread =>
    spreadOf(pictures.map((picture) => pick(picture) ?? Number.NaN));
  return {
    reward: of(({ reward }) => reward),
    rewards: Object.fromEntries(
      Object.keys(first.rewards).map((name) => [name, of(({ rewards }) => rewards[name]).mean]),
    ),
    watched: Object.fromEntries(
      Object.keys(first.watched ?? {}).map((name) => [name, of(({ watched }) => watched?.[name])]),
    ),
  };
};

const diversityOf = (pictures: readonly JudgedPicture[]): number | null => {
  const prompts = [...new Set(pictures.map(({ prompt }) => prompt))];
  const each = prompts.flatMap((prompt) => {
    const own = pictures.flatMap((picture) => (picture.prompt === prompt ? (picture.embedding ?? []) : []));
    return pictureDiversity(own) ?? [];
  });
  return each.length === 0 ? null : spreadOf(each).mean;
};

/**
 * Sums up the pictures of one moment.
 * @param train Several of each prompt, with embeddings and steepness where those are measured.
 */
export const readPictures = (
  iteration: number,
  train: readonly JudgedPicture[],
  heldOut: readonly JudgedPicture[],
): GuardReading => {
  const steep = train.flatMap(({ steepness }) => steepness ?? []);
  return {
    iteration,
    train: readSet(train) ?? { reward: spreadOf([]), rewards: {}, watched: {} },
    heldOut: readSet(heldOut),
    diversity: diversityOf(train),
    steepness: steep.length === 0 ? null : spreadOf(steep).mean,
  };
};
