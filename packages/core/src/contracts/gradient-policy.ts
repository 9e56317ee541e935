import type { RandomSource } from './random-source.js';

/**
 * Which parts of one sampling chain learn. Steps are numbered as in the papers: `t = T` runs first, `t = 1` last.
 */
export interface Plan {
  /** Sampling steps `T`. */
  readonly steps: number;
  /** The steps whose network parameters receive gradient, descending, within `stop..T` (`1..T` if `stop` is 0). */
  readonly train: readonly number[];
  /**
   * The step `t_min` at which sampling ends early: the one-step prediction `x̂₀(t_min)` takes the place of the
   * rest of the chain. 0 runs to the end.
   */
  readonly stop: number;
  /** Whether the network sees `sg(x_t)`: no gradient flows through the network into the state (DRTune). */
  readonly detachInput: boolean;
  /** The step before which the state is detached, `x_t = sg(x_t)`; null keeps the whole chain. */
  readonly cutState: number | null;
  /** Extra noisy copies of the result that run the last step again (DRaFT-LV's `n`). */
  readonly copies: number;
  /**
   * Whether the copies reuse the reward's gradient in the pixels of the result itself, instead of asking the reward
   * about each of them (DRaFT-LV's cheaper form). @default false
   */
  readonly singleReward?: boolean;
}

/** How many pictures the rewards judge for each sample of a plan: itself, and its noisy copies. */
export const queriesPerPicture = ({ copies, singleReward = false }: Plan): number =>
  singleReward ? 1 : 1 + copies;

/** What a policy may look at when it draws the plan of one iteration. */
export interface PlanContext {
  /** Sampling steps `T`. */
  readonly steps: number;
  /** Random numbers of this iteration. */
  readonly random: RandomSource;
  /** From 0. */
  readonly iteration: number;
}

/** Decides, for each iteration, which part of the chain receives gradient. */
export interface GradientPolicy {
  /**
   * Refuses options that no plan can satisfy for this number of steps, before anything is sampled.
   * @throws DraftError `DRAFT_PLAN_INVALID` naming the option.
   */
  validate(steps: number): void;
  /** Draws the plan of one iteration. */
  plan(context: PlanContext): Plan;
}
