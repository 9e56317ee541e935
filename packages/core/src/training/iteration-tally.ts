import type { Iteration } from '../contracts/estimator.js';
import type { AnyReward, WeightedReward } from '../contracts/reward.js';
import type { IterationReport } from './iteration-report.js';
import { nonFinite } from './non-finite.js';

/** What is counted and averaged over one iteration. */
export interface IterationTally extends Pick<Iteration, 'judged'> {
  /** Takes the norm of an update's gradient. */
  updated(norm: number): void;
  /** Images judged so far in this iteration. */
  queries(): number;
  means(): Pick<IterationReport, 'reward' | 'rewards' | 'gradientNorm'>;
}

const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

/**
 * Begins to count.
 * @param iteration From 1, for the error that `judged` throws where a score is no finite number.
 */
export const createTally = (
  rewards: readonly WeightedReward<AnyReward>[],
  iteration: number,
): IterationTally => {
  const sums: Record<string, number> = Object.fromEntries(rewards.map(({ name }) => [name, 0]));
  const norms: number[] = [];
  let pictures = 0;
  let asked = 0;
  return {
    judged(scores, queries) {
      for (const [name, numbers] of Object.entries(scores)) {
        const sum = sumOf(Array.from(numbers));
        if (!Number.isFinite(sum)) throw nonFinite(`The reward ${name}`, sum, iteration);
        sums[name] = (sums[name] ?? 0) + sum;
      }
      const count = Object.values(scores)[0]?.length ?? 0;
      pictures += count;
      asked += queries ?? count;
    },
    updated(norm) {
      norms.push(norm);
    },
    queries: () => asked,
    means: () => ({
      reward: rewards.reduce((sum, { name, weight }) => sum + weight * ((sums[name] ?? 0) / pictures), 0),
      rewards: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / pictures])),
      gradientNorm: sumOf(norms) / Math.max(1, norms.length),
    }),
  };
};
