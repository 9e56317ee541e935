import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BackendName, runtimeFolder } from '@draft/core';
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
   * @default cpu, wasm, and TensorFlow where it is set up
   */
  readonly backends?: readonly BackendName[];
  /**
   * Largest difference between gradient and finite differences uphill, as a share; in any direction, where each
   * kink counts, ten times as much.
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

/** The back ends of this machine: those that come with core, and TensorFlow where it is set up. */
export const presentBackends = (): readonly BackendName[] => {
  const tensorFlow = existsSync(join(runtimeFolder('cpu'), 'complete.json'));
  return tensorFlow ? ['cpu', 'wasm', 'tensorflow'] : ['cpu', 'wasm'];
};

/** Fills in defaults. */
export const fullSettings = (settings: RewardSettings): FullRewardSettings => ({
  options: settings.options ?? {},
  size: settings.size ?? [24, 32],
  prompts: settings.prompts ?? ['a photo of a fox', 'two red books on a table', 'a cat'],
  backends: settings.backends ?? presentBackends(),
  gradientTolerance: settings.gradientTolerance ?? 0.02,
  scoreTolerance: settings.scoreTolerance ?? 1e-4,
});
