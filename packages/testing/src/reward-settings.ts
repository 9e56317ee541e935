import { type BackendName, presentBackends } from '@draft/core';
import type { GivenOptions } from './plugin-under-test.js';

/** How a reward is tested. */
export interface RewardSettings {
  /** The reward's options. @default {} */
  readonly options?: GivenOptions;
  /** Height and width of the test images in pixels. @default [24, 32] */
  readonly size?: readonly [height: number, width: number];
  /** Three prompts or more, for the images. */
  readonly prompts?: readonly string[];
  /**
   * The back ends to test on.
   * @default those that are there: cpu, wasm, webgpu where it is installed, TensorFlow where it is set up
   */
  readonly backends?: readonly BackendName[];
  /**
   * Largest difference between the gradient and finite differences, as a share of what the gradient says; where it says 0,
   * of what one as long says that is the same everywhere.
   * @default 0.02
   */
  readonly gradientTolerance?: number;
  /**
   * Largest difference between two computations of one score, relative to the largest score (or to 1).
   * @default 1e-4, which allows for float32 sums of thousands of terms in another order
   */
  readonly scoreTolerance?: number;
}

/** `RewardSettings` with defaults filled in. */
export type FullRewardSettings = Required<RewardSettings>;

/** Fills in defaults. */
export const fullSettings = (settings: RewardSettings): FullRewardSettings => ({
  options: settings.options ?? {},
  size: settings.size ?? [24, 32],
  prompts: settings.prompts ?? ['a photo of a fox', 'two red books on a table', 'a cat'],
  backends: settings.backends ?? presentBackends(),
  gradientTolerance: settings.gradientTolerance ?? 0.02,
  scoreTolerance: settings.scoreTolerance ?? 1e-4,
});
