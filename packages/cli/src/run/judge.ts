import {
  createRandomSource,
  DraftError,
  type Runtime,
  scoreImages,
  type Tensor,
  type Tensor4D,
  tf,
  type WeightedReward,
} from '@draft/core';
import type { Subject } from './evaluation.js';

/** What the rewards say about one picture. */
export interface Judgement {
  /** The weighted sum. */
  readonly reward: number;
  /** Each by its name, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
}

/** Scores pictures outside training. */
export interface Judge {
  /** @param images `[n, height, width, 3]`; they stay the caller's. */
  score(images: Tensor4D, subjects: readonly Subject[]): Promise<readonly Judgement[]>;
  dispose(): void;
}

/** Builds a judge from rewards, which stay the caller's. */
export const createJudge = (runtime: Runtime, rewards: readonly WeightedReward[]): Judge => {
  const compiled = rewards.map(({ name, reward }) =>
    runtime.compile(`judge ${name}`, ({ images, ...prepared }: Record<string, Tensor>) => ({
      score: scoreImages(name, reward, images as Tensor4D, prepared),
    })),
  );
  return {
    async score(images, subjects) {
      const scores: { readonly name: string; readonly weight: number; readonly values: ArrayLike<number> }[] =
        [];
      for (const [index, { name, reward, weight }] of rewards.entries()) {
        const random = createRandomSource(subjects[0]?.seed ?? 0, 'judge', name);
        const prompts = subjects.map(({ prompt }) => prompt);
        const prepared = (await reward.prepare?.({ prompts, random, iteration: 0 })) ?? {};
        const result = await compiled[index]?.({ ...prepared, images });
        const values = (await result?.score.data()) ?? [];
        tf.dispose([prepared, result ?? []]);
        scores.push({ name, weight, values });
        if (Array.from(values).some((value) => !Number.isFinite(value))) {
          throw new DraftError(
            'DRAFT_NON_FINITE',
            `The reward ${name} is no finite number for a picture of "${prompts[Array.from(values).findIndex((value) => !Number.isFinite(value))]}": training on it would not work.`,
          );
        }
      }
      return subjects.map((_, i) => ({
        reward: scores.reduce((sum, { weight, values }) => sum + weight * (values[i] ?? Number.NaN), 0),
        rewards: Object.fromEntries(scores.map(({ name, values }) => [name, values[i] ?? Number.NaN])),
      }));
    },
    dispose() {
      for (const each of compiled) each.dispose();
    },
  };
};
