import {
  type AnyReward,
  createPictureScorer,
  createRandomSource,
  DraftError,
  type Runtime,
  type Tensor4D,
  type WeightedReward,
} from '@draft/core';
import type { Subject } from './evaluation.js';

/** What the rewards say about one picture. */
export interface Judgement {
  /** The weighted sum. */
  readonly reward: number;
  /** Each by its name, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Each that is only watched; absent where there is none. */
  readonly watched?: Readonly<Record<string, number>>;
}

/** Scores pictures outside training. */
export interface Judge {
  /** @param images `[n, height, width, 3]`; they stay the caller's. */
  score(images: Tensor4D, subjects: readonly Subject[]): Promise<readonly Judgement[]>;
  dispose(): void;
}

/**
 * Builds a judge from rewards, which stay the caller's.
 * @param watched Rewards that have no part in the sum.
 */
export const createJudge = (
  runtime: Runtime,
  rewards: readonly WeightedReward<AnyReward>[],
  watched: readonly WeightedReward<AnyReward>[] = [],
): Judge => {
  const scorer = createPictureScorer(runtime, [...rewards, ...watched]);
  return {
    async score(images, subjects) {
      const prompts = subjects.map(({ prompt }) => prompt);
      const scores = await scorer.score(images, (name) => ({
        prompts,
        random: createRandomSource(subjects[0]?.seed ?? 0, 'judge', name),
        iteration: 0,
      }));
      for (const [name, values] of Object.entries(scores)) {
        const wrong = values.findIndex((value) => !Number.isFinite(value));
        if (wrong < 0) continue;
        throw new DraftError(
          'DRAFT_NON_FINITE',
          `The reward ${name} is no finite number for a picture of "${prompts[wrong]}": training on it would not work.`,
        );
      }
      const valueFor = (name: string, i: number) => scores[name]?.[i] ?? Number.NaN;
      return subjects.map((_, i) => ({
        reward: rewards.reduce((sum, { name, weight }) => sum + weight * valueFor(name, i), 0),
        rewards: Object.fromEntries(rewards.map(({ name }) => [name, valueFor(name, i)])),
        ...(watched.length > 0
          ? { watched: Object.fromEntries(watched.map(({ name }) => [name, valueFor(name, i)])) }
          : {}),
      }));
    },
    dispose: scorer.dispose,
  };
};
