import type { DiffusionModel } from '../contracts/diffusion-model.js';
import type { WeightedReward } from '../contracts/reward.js';
import type { TensorRecord } from '../contracts/runtime.js';
import { inSection } from '../runtime/sections.js';
import { type Scalar, type Tensor, type Tensor1D, type Tensor4D, tf } from '../runtime/tf.js';
import { decodePictures } from './decode-pictures.js';
import { scoreImages } from './score-images.js';

export type { WeightedReward };

/** What the objective computes for a batch. */
export interface ObjectiveValues {
  /** What the rewards saw, `[n, height, width, 3]`. */
  readonly images: Tensor4D;
  /** One `[n]` per reward, by name, without its weight. */
  readonly scores: Readonly<Record<string, Tensor1D>>;
  /** `Σ_i Σ_r weight_r · score_r(image_i)`. */
  readonly total: Scalar;
}

const prefix = (name: string) => `prepared.${name}.`;

/** Names what the rewards prepared so that it can travel in one record. */
export const preparedRecord = (name: string, prepared: TensorRecord): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(prepared).map(([key, tensor]) => [prefix(name) + key, tensor]));

/** What one reward prepared, out of such a record. */
export const preparedFor = (name: string, record: TensorRecord): TensorRecord =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => key.startsWith(prefix(name)))
      .map(([key, tensor]) => [key.slice(prefix(name).length), tensor]),
  );

const factorName = (name: string) => `factor.${name}`;

/** Numbers that rewards' weights are multiplied by, as they travel in one record; owned by the caller. */
export const factorRecord = (factors: readonly (readonly [string, number])[]): Record<string, Tensor> =>
  Object.fromEntries(factors.map(([name, factor]) => [factorName(name), tf.scalar(factor)]));

/** The rewards' factors out of such a record; undefined where there is none. */
export const factorsFor = (
  rewards: readonly WeightedReward[],
  record: TensorRecord,
): readonly (Tensor | undefined)[] => rewards.map(({ name }) => record[factorName(name)]);

/**
 * `Σ_i Σ_r factor_r · weight_r · score_r(image_i)` and each reward's scores. Plain tensor code.
 * @param prepared What each reward prepared, in the order of the rewards.
 * @param factors What their weights are multiplied by, scalars; 1 where undefined.
 */
export const totalScore = (
  rewards: readonly WeightedReward[],
  images: Tensor4D,
  prepared: readonly TensorRecord[],
  factors: readonly (Tensor | undefined)[] = [],
): Pick<ObjectiveValues, 'scores' | 'total'> => {
  const scores: Record<string, Tensor1D> = {};
  let total: Scalar = tf.scalar(0);
  rewards.forEach(({ name, reward, weight }, i) => {
    const score = scoreImages(name, reward, inSection(images, `reward ${name}`), prepared[i] ?? {});
    scores[name] = score;
    const factor = factors[i];
    const share = factor ? tf.mul(weight, factor) : weight;
    total = tf.add(total, tf.mul(share, tf.sum(score)));
  });
  return { scores, total: inSection(total, 'sum') };
};

/** Decodes latents, clamps with a straight-through gradient, and scores. Plain tensor code. */
export const evaluateObjective = (
  model: DiffusionModel,
  rewards: readonly WeightedReward[],
  latents: Tensor4D,
  inputs: TensorRecord,
): ObjectiveValues => {
  const images = decodePictures(model, inSection(latents, 'decoding'));
  const prepared = rewards.map(({ name }) => preparedFor(name, inputs));
  return { images, ...totalScore(rewards, images, prepared, factorsFor(rewards, inputs)) };
};
