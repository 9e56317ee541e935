import type { SavedNumbers } from '@draft/core';
import type { DdpoOptions } from './ddpo-options.js';

/** The latest rewards of each prompt, oldest first. */
export type RewardHistory = ReadonlyMap<string, readonly number[]>;

/** Keeps a standard deviation of zero from dividing. */
const epsilon = 1e-6;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const statistics = (values: readonly number[]) => {
  const centre = mean(values);
  return { centre, deviation: Math.sqrt(mean(values.map((value) => (value - centre) ** 2))) + epsilon };
};

/** What a batch of rewards comes to. */
export interface Normalised {
  /** One number a sample. */
  readonly advantages: readonly number[];
  /** The history with this batch in it. */
  readonly history: RewardHistory;
}

/**
 * Advantages `A = (r − mean) / (std + 1e-6)`, cut to `±advantageClip`: over a prompt's remembered rewards where
 * there are `minCount` of them, else over the batch. The deviation has the population form.
 * @see {@link https://arxiv.org/abs/2305.13301} section 5
 */
export const normaliseRewards = (
  before: RewardHistory,
  prompts: readonly string[],
  rewards: readonly number[],
  options: Pick<DdpoOptions, 'advantageClip' | 'perPrompt' | 'bufferSize' | 'minCount'>,
): Normalised => {
  // What is saved is float32, and a resumed run must find the same numbers.
  const rounded = rewards.map(Math.fround);
  const history = new Map(before);
  if (options.perPrompt) {
    prompts.forEach((prompt, i) => {
      history.set(prompt, [...(history.get(prompt) ?? []), rounded[i] as number].slice(-options.bufferSize));
    });
  }
  const batch = statistics(rounded);
  const advantages = prompts.map((prompt, i) => {
    const own = history.get(prompt) ?? [];
    const { centre, deviation } =
      options.perPrompt && own.length >= options.minCount ? statistics(own) : batch;
    const advantage = ((rounded[i] as number) - centre) / deviation;
    return Math.min(options.advantageClip, Math.max(-options.advantageClip, advantage));
  });
  return { advantages, history };
};

/** A history as numbers to save, a row a prompt. */
export const saveHistory = (
  history: RewardHistory,
  prompts: readonly string[],
  bufferSize: number,
): SavedNumbers => {
  const counts = new Float32Array(prompts.length);
  const rewards = new Float32Array(prompts.length * bufferSize);
  prompts.forEach((prompt, row) => {
    const own = history.get(prompt) ?? [];
    counts[row] = own.length;
    rewards.set(own, row * bufferSize);
  });
  return {
    'history.counts': { shape: [prompts.length], data: counts },
    'history.rewards': { shape: [prompts.length, bufferSize], data: rewards },
  };
};

/** The history that was saved; empty where none was. */
export const loadHistory = (
  saved: SavedNumbers,
  prompts: readonly string[],
  bufferSize: number,
): RewardHistory => {
  const counts = saved['history.counts']?.data ?? [];
  const rewards = saved['history.rewards']?.data ?? new Float32Array();
  return new Map(
    prompts.map((prompt, row): [string, number[]] => {
      const start = row * bufferSize;
      return [prompt, Array.from(rewards.slice(start, start + (counts[row] ?? 0)))];
    }),
  );
};
