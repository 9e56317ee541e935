import { preparedFor } from '../chain/objective.js';
import { scoreImages } from '../chain/score-images.js';
import type { WeightedReward } from '../contracts/reward.js';
import type { Runtime, TensorRecord } from '../contracts/runtime.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';

/** Compares the gradients of several rewards in the pixels of the same pictures. */
export interface RewardParts {
  /**
   * Inner products of the gradients, `Σ_i ⟨∂s_r/∂I_i, ∂s_q/∂I_i⟩`, without weights.
   * @param images `[n, height, width, 3]`, what the rewards saw; they stay the caller's.
   * @param prepared What the rewards prepared, by `prepared.<reward>.<name>`; it stays the caller's.
   * @returns A matrix of as many rows as rewards, row-major.
   */
  products(images: Tensor4D, prepared: TensorRecord): Promise<Float32Array>;
  dispose(): void;
}

/** Builds the comparison for one set of rewards. */
export const createRewardParts = (runtime: Runtime, rewards: readonly WeightedReward[]): RewardParts => {
  const compiled = runtime.compile('reward-parts', ({ images, ...inputs }: Record<string, Tensor>) => {
    const gradients = rewards.map(({ name, reward }) => {
      const prepared = preparedFor(name, inputs);
      const total = (x: Tensor) => tf.sum(scoreImages(name, reward, x as Tensor4D, prepared));
      return tf.reshape(tf.grad(total)(images as Tensor), [1, -1]);
    });
    const rows = tf.concat(gradients, 0); // [rewards, n · height · width · 3]
    return { products: tf.matMul(rows as never, rows as never, false, true) };
  });
  return {
    async products(images, prepared) {
      const { products } = await compiled({ ...prepared, images });
      const values = (await products.data()) as Float32Array;
      products.dispose();
      return Float32Array.from(values);
    },
    dispose: () => compiled.dispose(),
  };
};

/** Adds the products of another group of pictures. */
export const addProducts = (sum: Float64Array, products: Float32Array): void => {
  for (const [i, value] of products.entries()) sum[i] = (sum[i] ?? 0) + value;
};

/** Norm of each reward's gradient in a picture, the root mean square over `count` pictures. */
export const partNorms = (products: Float64Array, rewards: number, count: number): readonly number[] =>
  Array.from({ length: rewards }, (_, r) => Math.sqrt((products[r * rewards + r] ?? 0) / count));

/**
 * What the metrics say of the parts: `gradientNorm.<reward>`, the root mean square over pictures of the norm of its
 * gradient in the pixels, and `cosine.<reward>.<reward>` of each pair over all pictures (0 where one has no gradient).
 */
export const partFigures = (
  products: Float64Array,
  names: readonly string[],
  count: number,
): Readonly<Record<string, number>> => {
  const figures: Record<string, number> = {};
  const norms = partNorms(products, names.length, count);
  names.forEach((name, r) => {
    figures[`gradientNorm.${name}`] = norms[r] ?? 0;
  });
  names.forEach((name, r) => {
    names.slice(r + 1).forEach((other, offset) => {
      const q = r + 1 + offset;
      const scale = count * (norms[r] ?? 0) * (norms[q] ?? 0);
      figures[`cosine.${name}.${other}`] = scale > 0 ? (products[r * names.length + q] ?? 0) / scale : 0;
    });
  });
  return figures;
};
