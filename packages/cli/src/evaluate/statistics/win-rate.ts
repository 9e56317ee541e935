import { meanOf, squaredDeviations } from './moments.js';

/** How often pictures are better than those they are compared with. */
export interface WinRate {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** `(wins + ties / 2) / pairs`. */
  readonly rate: number;
  /** The ends of its 95 % confidence interval. */
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

/**
 * Wilson's interval of a proportion at 95 %.
 * @param count Independent trials; need not be whole.
 * @see {@link https://doi.org/10.1080/01621459.1927.10502953} Wilson 1927
 */
export const wilsonInterval = (rate: number, count: number): readonly [low: number, high: number] => {
  const spread = z ** 2 / count;
  const centre = (rate + spread / 2) / (1 + spread);
  const half = (z * Math.sqrt((rate * (1 - rate)) / count + spread / (4 * count))) / (1 + spread);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
};

/**
 * How many independent pairs the pairs are worth: pictures of one prompt tend to win together. From the variance of the
 * rates of the prompts, within the number of prompts and that of pairs.
 */
const effectivePairs = (groups: readonly (readonly number[])[], rate: number): number => {
  const pairs = groups.reduce((sum, group) => sum + group.length, 0);
  const prompts = groups.length;
  if (prompts < 2) return pairs;
  const variance = squaredDeviations(groups.map(meanOf)) / (prompts - 1) / prompts;
  const worth = variance > 0 ? (rate * (1 - rate)) / variance : prompts;
  return Math.min(pairs, Math.max(prompts, worth));
};

/**
 * Compares pictures of the same prompts and seeds.
 * @param differences By prompt, by how much each picture is better; 0 is a tie.
 */
export const winRateOf = (differences: readonly (readonly number[])[]): WinRate => {
  const groups = differences.map((group) =>
    group.map((difference) => (difference > 0 ? 1 : difference < 0 ? 0 : 0.5)),
  );
  const outcomes = groups.flat();
  const count = (outcome: number): number => outcomes.filter((own) => own === outcome).length;
  const rate = meanOf(outcomes);
  const [low, high] = wilsonInterval(rate, effectivePairs(groups, rate));
  return { wins: count(1), ties: count(0.5), losses: count(0), rate, low, high };
};
