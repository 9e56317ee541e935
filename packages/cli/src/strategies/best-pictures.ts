import { type Tensor4D, tf } from '@draft/core';
import type { Judgement } from '../run/judge.js';
import type { MadePictures } from '../run/picture-maker.js';

/** The best of all tries, by picture. Tensors are the caller's. */
export interface BestOfTries extends MadePictures {
  readonly judgements: readonly Judgement[];
  /** Which try it is, from 0; of equals the first. */
  readonly indices: readonly number[];
  /** The reward of each try. */
  readonly rewards: readonly (readonly number[])[];
}

/** Keeps the best picture of each subject while others are tried. */
export interface BestPictures {
  /** One more try of every picture; the tensors become the keeper's. */
  offer(made: MadePictures, judgements: readonly Judgement[]): void;
  /** The best so far; afterwards nothing is kept. */
  take(): BestOfTries;
  dispose(): void;
}

interface Kept extends MadePictures {
  readonly judgement: Judgement;
  readonly index: number;
}

/** Builds a keeper of the best pictures, by the weighted sum of their rewards. */
export const createBestPictures = (): BestPictures => {
  let kept: Kept[] = [];
  let rewards: number[][] = [];
  const free = ({ latents, images }: MadePictures) => tf.dispose([latents, images]);
  const dispose = () => {
    for (const each of kept) free(each);
    kept = [];
    rewards = [];
  };
  return {
    offer(made, judgements) {
      const row = (tensor: Tensor4D, i: number) => tf.slice(tensor, i, 1) as Tensor4D;
      for (const [i, judgement] of judgements.entries()) {
        const tried = [...(rewards[i] ?? []), judgement.reward];
        rewards[i] = tried;
        const best = kept[i];
        if (best && best.judgement.reward >= judgement.reward) continue;
        if (best) free(best);
        const index = tried.length - 1;
        kept[i] = { latents: row(made.latents, i), images: row(made.images, i), judgement, index };
      }
      free(made);
    },
    take() {
      const result = {
        latents: tf.concat(kept.map(({ latents }) => latents)) as Tensor4D,
        images: tf.concat(kept.map(({ images }) => images)) as Tensor4D,
        judgements: kept.map(({ judgement }) => judgement),
        indices: kept.map(({ index }) => index),
        rewards,
      };
      dispose();
      return result;
    },
    dispose,
  };
};
