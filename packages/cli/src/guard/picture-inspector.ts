import {
  type AnyReward,
  createRandomSource,
  type Runtime,
  type Tensor4D,
  type WeightedReward,
} from '@draft/core';
import type { JudgedPicture, Subject } from '../run/evaluation.js';
import type { PictureEmbedding } from '../run/picture-embedding.js';
import { steepnessWhereDifferentiable } from './reward-steepness.js';

/** What the guard wants to know of a picture besides its rewards. */
export type Inspection = Pick<JudgedPicture, 'embedding' | 'steepness'>;

/** Looks closely at pictures. */
export interface PictureInspector {
  /** @param images `[n, height, width, 3]`; they stay the caller's. */
  inspect(images: Tensor4D, subjects: readonly Subject[]): Promise<readonly Inspection[]>;
  dispose(): void;
}

/**
 * Builds an inspector, which owns the embedding.
 * @param rewards What is trained on; without a gradient in one of them there is no steepness. They stay the caller's.
 */
export const createPictureInspector = (
  runtime: Runtime,
  rewards: readonly WeightedReward<AnyReward>[],
  embedding: PictureEmbedding,
): PictureInspector => {
  const steepness = steepnessWhereDifferentiable(runtime, rewards);
  return {
    async inspect(images, subjects) {
      const embeddings = await embedding.embed(images);
      const steep = await steepness?.measure(images, (name) => ({
        prompts: subjects.map(({ prompt }) => prompt),
        random: createRandomSource(subjects[0]?.seed ?? 0, 'judge', name),
        iteration: 0,
      }));
      return subjects.map((_, i): Inspection => {
        const [vector, value] = [embeddings[i], steep?.[i]];
        return {
          ...(vector ? { embedding: vector } : {}),
          ...(value === undefined ? {} : { steepness: value }),
        };
      });
    },
    dispose() {
      embedding.dispose();
      steepness?.dispose();
    },
  };
};
