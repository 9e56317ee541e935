import type { Verdict } from '../guard/guard-rule.js';
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
  /** The file that the pictures after training were made with. */
  readonly lora: string;
  /** What the guard made of the run; absent where it was off. */
  readonly guard?: GuardSummary;
}

/** What the guard made of a run. */
export interface GuardSummary {
  /** Signs that the reward was being cheated at the end, in words; none where it was not. */
  readonly signs: readonly string[];
  /** Whether it ended the run. */
  readonly stopped: boolean;
  /** The iteration of `lora.best.safetensors`; null where there is none. */
  readonly best: number | null;
}

/** Sums up the last verdict. */
export const summariseGuard = ({ lasting, best }: Verdict, stopped: boolean): GuardSummary => ({
  signs: lasting.map(({ text }) => text),
  stopped,
  best,
});

/** Means of an evaluation. */
export const summariseMoment = (evaluation: Evaluation): MomentSummary => ({
  ...(meanReward(evaluation.train) ?? { reward: Number.NaN, rewards: {} }),
  heldOut: meanReward(evaluation.heldOut) ?? null,
});
