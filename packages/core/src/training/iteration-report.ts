import type { Plan } from '../contracts/gradient-policy.js';

/** One line of a run's metrics. */
export interface IterationReport {
  /** Iterations so far, this one included; a plan makes one update in each. */
  readonly iteration: number;
  /** Images judged so far, in all iterations, DRaFT-LV's noisy copies among them. */
  readonly rewardQueries: number;
  /** Mean weighted sum of the rewards, of the pictures before this iteration's updates. */
  readonly reward: number;
  /** Mean of each reward, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Norm of the mean gradient before clipping; the mean over the iteration's updates. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Absent where the algorithm draws no plans. */
  readonly plan?: Plan;
  /** Numbers of the algorithm's own. */
  readonly figures?: Readonly<Record<string, number>>;
}
