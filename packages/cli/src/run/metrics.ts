import type { IterationReport } from '@draft/core';
import type { GuardReading } from '../guard/guard-reading.js';

/** One line of `metrics.jsonl`. */
export interface MetricsLine extends Omit<IterationReport, 'plan'> {
  /** Guidance weights after the iteration, first step first; absent where they are not trained. */
  readonly guidance?: readonly number[];
  /** What was seen of the run after this iteration; absent between samples. */
  readonly watch?: GuardReading;
}

/** How the reward went so far, smoothed. */
export interface Trend {
  readonly smoothed: number;
  /** The smoothed reward of ten iterations before. */
  readonly earlier: number;
}

/** Exponential moving average with a memory of about ten iterations, without the bias of its start. */
export const trendOf = (rewards: readonly number[]): Trend => {
  const decay = 0.9;
  const smoothed: number[] = [];
  let sum = 0;
  let weight = 0;
  for (const reward of rewards) {
    sum = decay * sum + (1 - decay) * reward;
    weight = decay * weight + (1 - decay);
    smoothed.push(sum / weight);
  }
  const last = smoothed.at(-1) ?? 0;
  return { smoothed: last, earlier: smoothed.at(-11) ?? smoothed[0] ?? last };
};
