import { shortNumber } from '../progress/progress-line.js';
import type { GuardReading, SetReading } from './guard-reading.js';

/** Bounds of the rule; all are shares of, or multiples of, what the run began with. */
export const guardBounds = {
  /** Share of the diversity before training that has to be left. */
  diversity: 0.5,
  /** Standard deviations, of the pictures before training, by which a watched reward may get worse. */
  watched: 1,
  /** Share of what the reward gained that a step down its gradient, too small to see, may take back. */
  steepness: 0.5,
  /** Standard deviations that the reward has to gain before that share says anything. */
  gain: 1,
  /** Readings in a row that have to show the same sign. */
  inARow: 2,
} as const;

/** What a reading shows of a reward being cheated. */
export interface GuardSign {
  /** `diversity`, `steepness`, or `watched NAME`. */
  readonly measure: string;
  /** What was seen, as part of a sentence. */
  readonly text: string;
}

/** What the rule makes of all readings so far. */
export interface Verdict {
  /** Signs of the latest reading. */
  readonly signs: readonly GuardSign[];
  /** Those signs that have lasted for as many readings as the rule wants: the reward is being cheated. */
  readonly lasting: readonly GuardSign[];
  /** The iteration of the reading without a sign that has the highest reward; null where there is none after training began. */
  readonly best: number | null;
}

/** Held-out pictures say more, where there are any. */
const judgedSet = ({ heldOut, train }: GuardReading): SetReading => heldOut ?? train;

const diversitySign = (start: GuardReading, now: GuardReading): GuardSign | undefined => {
  if (start.diversity === null || now.diversity === null) return undefined;
  if (now.diversity >= guardBounds.diversity * start.diversity) return undefined;
  return {
    measure: 'diversity',
    text: `the pictures of a prompt differ by ${shortNumber(now.diversity)}, before training by ${shortNumber(start.diversity)}`,
  };
};

const steepnessSign = (start: GuardReading, now: GuardReading): GuardSign | undefined => {
  if (start.steepness === null || now.steepness === null) return undefined;
  const gain = now.train.reward.mean - start.train.reward.mean;
  if (gain <= guardBounds.gain * start.train.reward.deviation) return undefined;
  const share = (now.steepness - start.steepness) / gain;
  if (!(share > guardBounds.steepness)) return undefined;
  return {
    measure: 'steepness',
    text: `a change too small to see takes back ${Math.round(100 * share)} % of what the reward gained`,
  };
};

const watchedSigns = (
  start: GuardReading,
  now: GuardReading,
  directions: Readonly<Record<string, number>>,
): readonly GuardSign[] => {
  const [before, after] = [judgedSet(start).watched, judgedSet(now).watched];
  return Object.entries(after).flatMap(([name, { mean }]) => {
    const first = before[name];
    if (first === undefined) return [];
    // Few pictures may be alike by chance, so the set that differs more is the measure.
    const deviation = Math.max(first.deviation, start.train.watched[name]?.deviation ?? 0);
    const loss = (first.mean - mean) * Math.sign(directions[name] ?? 1);
    if (!(loss > guardBounds.watched * deviation)) return [];
    return {
      measure: `watched ${name}`,
      text: `${name} went from ${shortNumber(first.mean)} to ${shortNumber(mean)}, by more than the pictures before training differ in it (${shortNumber(deviation)})`,
    };
  });
};

/** The signs that a reading shows, compared with the one before training. */
export const signsOf = (
  start: GuardReading,
  now: GuardReading,
  directions: Readonly<Record<string, number>>,
): readonly GuardSign[] => [
  ...[diversitySign(start, now), steepnessSign(start, now)].flatMap((sign) => sign ?? []),
  ...watchedSigns(start, now, directions),
];

/**
 * Judges a run by its readings: the first is from before training. A sign counts once the last readings, as many as
 * `inARow` says, all show it. The best reading is the one without any sign whose reward, on held-out prompts where there
 * are any, is highest.
 * @param directions Of each watched reward, negative where lower is better. @default higher is better
 */
export const judgeReadings = (
  readings: readonly GuardReading[],
  directions: Readonly<Record<string, number>> = {},
): Verdict => {
  const [start, ...later] = readings;
  if (start === undefined || later.length === 0) return { signs: [], lasting: [], best: null };
  const signs = later.map((reading) => signsOf(start, reading, directions));
  const latest = signs.at(-1) ?? [];
  const row = signs.slice(-guardBounds.inARow);
  const lasting = latest.filter(
    ({ measure }) =>
      row.length === guardBounds.inARow && row.every((seen) => seen.some((sign) => sign.measure === measure)),
  );
  let best: GuardReading | undefined;
  later.forEach((reading, i) => {
    if (signs[i]?.length !== 0) return;
    const better = best === undefined || judgedSet(reading).reward.mean > judgedSet(best).reward.mean;
    if (better) best = reading;
  });
  return { signs: latest, lasting, best: best?.iteration ?? null };
};
