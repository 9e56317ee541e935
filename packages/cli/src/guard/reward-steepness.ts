import {
  differentiableRewards,
  preparedFor,
  prepareRewards,
  type Reward,
  type RewardContext,
  type Runtime,
  scoreImages,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type TensorRecord,
  tf,
  type WeightedReward,
} from '@draft/core';

/** Measures how steeply a reward falls around pictures. */
export interface RewardSteepness {
  /**
   * `r(x) − r(x − ρ ĝ)` of each picture, with `ĝ` the direction in which the weighted sum `r` of the rewards rises fastest
   * in its pixels.
   * @param images `[n, height, width, 3]` in `[0, 1]`; they stay the caller's.
   */
  measure(images: Tensor4D, contextOf: (reward: string) => RewardContext): Promise<readonly number[]>;
  dispose(): void;
}

/** How far the step goes, root mean square over the picture's values: 2.55 of 255 grey levels, which nobody sees. */
export const steepnessStep = 0.01;

/** Builds the measure for rewards that all have a gradient. */
export const createRewardSteepness = (
  runtime: Pick<Runtime, 'compile'>,
  rewards: readonly WeightedReward[],
): RewardSteepness => {
  const total = (images: Tensor, prepared: TensorRecord): Tensor1D =>
    tf.addN(
      rewards.map(({ name, reward, weight }) =>
        tf.mul(weight, scoreImages(name, reward, images as Tensor4D, preparedFor(name, prepared))),
      ),
    ) as Tensor1D;
  const compiled = runtime.compile('reward-steepness', ({ images, ...prepared }: TensorRecord) => {
    const x = images as Tensor4D;
    const [, height, width, channels] = x.shape;
    const gradient = tf.grad((pixels: Tensor) => tf.sum(total(pixels, prepared)))(x);
    const norm = tf.sqrt(tf.sum(tf.square(gradient), [1, 2, 3], true)); // [n, 1, 1, 1]
    const distance = steepnessStep * Math.sqrt(height * width * channels);
    const step = tf.mul(tf.div(gradient, tf.add(norm, 1e-12)), distance);
    const below = tf.clipByValue(tf.sub(x, step), 0, 1);
    return { steepness: tf.sub(total(x, prepared), total(below, prepared)) };
  });
  return {
    async measure(images, contextOf) {
      const prepared = await prepareRewards(rewards as readonly WeightedReward<Reward>[], contextOf);
      const { steepness } = await compiled({ images, ...prepared });
      const values = Array.from(await steepness.data());
      tf.dispose([steepness, ...Object.values(prepared)]);
      return values;
    },
    dispose: () => compiled.dispose(),
  };
};

/** The rewards' steepness, or undefined where one of them has no gradient. */
export const steepnessWhereDifferentiable = (
  runtime: Pick<Runtime, 'compile'>,
  rewards: Parameters<typeof differentiableRewards>[0],
): RewardSteepness | undefined =>
  rewards.every(({ reward }) => reward.differentiable && 'score' in reward)
    ? createRewardSteepness(runtime, differentiableRewards(rewards))
    : undefined;
