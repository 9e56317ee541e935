import {
  type Adapters,
  adapterRecord,
  adaptersFrom,
  createLora,
  preparedFor,
  type RandomSource,
  type Reward,
  scoreImages,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type TensorRecord,
  tf,
  type WeightedReward,
} from '@draft/core';
import { adaptPatches, patchLayer, patchLayerName } from './patch-layer.js';

/** A critic for each reward: the reward with a LoRA of its own, which learns to foresee the finished picture's score. */
export interface Critics {
  /** Fresh parameters, which change nothing yet, by `critic.<reward>.…`; owned by the caller. */
  start(): Record<string, Tensor>;
  /**
   * What each critic says of one-step predictions, `[n]` by reward. Plain tensor code, differentiable in both.
   * @param images `[n, height, width, 3]`.
   * @param inputs The parameters and what the rewards prepared, by their names.
   * @param step `[T]`, 1 at the step of the predictions and 0 elsewhere.
   */
  scores(images: Tensor4D, inputs: TensorRecord, step: Tensor): Record<string, Tensor1D>;
}

/** What critics are made of. */
export interface CriticOptions {
  readonly rewards: readonly WeightedReward<Reward>[];
  /** Sampling steps `T`. */
  readonly steps: number;
  /** Of the pictures, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly rank: number;
  readonly random: RandomSource;
}

const prefix = (name: string) => `critic.${name}.`;

/**
 * Makes the critics. One also has a number for each step, added to its score: pictures that are predicted early are
 * judged differently on the whole, which the LoRA need not explain. It has no gradient in the picture.
 */
export const createCritics = (options: CriticOptions): Critics => {
  const { rewards, steps, height, width, rank, random } = options;
  const lora = (name: string, { layers = [] }: Reward): Adapters => {
    const adapted = layers.length > 0 ? layers : [patchLayer(height, width)];
    const full = Math.max(...adapted.map((layer) => Math.min(layer.inFeatures, layer.outFeatures)));
    return createLora(adapted, { rank: Math.min(rank, full), random: random.child('critic', name) });
  };
  // Structure alone; the numbers are the trained parameters'.
  const structures = new Map(
    rewards.map(({ name, reward }): [string, Adapters] => {
      const adapters = lora(name, reward);
      tf.dispose(adapterRecord(adapters));
      return [name, adapters];
    }),
  );
  return {
    start: () =>
      Object.fromEntries(
        rewards.flatMap(({ name, reward }): [string, Tensor][] => [
          ...Object.entries(adapterRecord(lora(name, reward))).map(([key, tensor]): [string, Tensor] => [
            prefix(name) + key,
            tensor,
          ]),
          [`${prefix(name)}offset`, tf.zeros([steps])],
        ]),
      ),
    scores(images, inputs, step) {
      const scores: Record<string, Tensor1D> = {};
      for (const { name, reward } of rewards) {
        const own = Object.fromEntries(
          Object.entries(inputs)
            .filter(([key]) => key.startsWith(prefix(name)))
            .map(([key, tensor]) => [key.slice(prefix(name).length), tensor]),
        );
        const adapters = adaptersFrom(own, structures.get(name) as Adapters);
        const patches = adapters.get(patchLayerName)?.[0];
        const seen = !reward.layers?.length && patches ? adaptPatches(images, patches) : images;
        const score = scoreImages(
          name,
          { score: (pictures, prepared) => reward.score(pictures, prepared, adapters) },
          seen,
          preparedFor(name, inputs),
        );
        scores[name] = tf.add(score, tf.sum(tf.mul(own.offset as Tensor, step)));
      }
      return scores;
    },
  };
};
