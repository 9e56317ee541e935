import { type Evaluation, type MeanReward, meanReward } from './evaluation.js';

/** The rewards of one moment, for the training prompts and, where there are any, for the held-out ones. */
export interface MomentSummary extends MeanReward {
  readonly heldOut: MeanReward | null;
}

/** `summary.json`. */
export interface RunSummary {
  readonly before: MomentSummary;
  readonly after: MomentSummary;
  readonly model: string;
  readonly algorithm: string;
  /** Weights by name. */
  readonly rewards: Readonly<Record<string, number>>;
  readonly iterations: number;
  readonly rewardQueries: number;
  /** Spent in training iterations. */
  readonly seconds: number;
  readonly lora: string;
}

/** Means of an evaluation. */
export const summariseMoment = (evaluation: Evaluation): MomentSummary => ({
  ...(meanReward(evaluation.train) ?? { reward: Number.NaN, rewards: {} }),
  heldOut: meanReward(evaluation.heldOut) ?? null,
});
