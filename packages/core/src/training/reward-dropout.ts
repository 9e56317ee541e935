import type { AnyReward, MeasuredReward, Reward, RewardContext } from '../contracts/reward.js';
import { DraftError } from '../errors/draft-error.js';
import { type Tensor1D, tf } from '../runtime/tf.js';

const key = 'dropout.kept';

/** What each score is multiplied by: 0 with probability `rate`, else `1 / (1 − rate)`, so that the mean stays. */
const kept = ({ prompts, random }: RewardContext, rate: number): Float32Array => {
  const source = random.child('dropout');
  return Float32Array.from(prompts, () => (source.uniform() < rate ? 0 : 1 / (1 - rate)));
};

const dropScores = (reward: Reward, rate: number): Reward => ({
  ...reward,
  async prepare(context) {
    const prepared = (await reward.prepare?.(context)) ?? {};
    return { ...prepared, [key]: tf.tensor1d(kept(context, rate)) };
  },
  score: (images, { [key]: factor, ...prepared }, adapters) =>
    tf.tidy(() => tf.mul(reward.score(images, prepared, adapters), factor as Tensor1D)),
  dispose: () => reward.dispose(),
});

const dropMeasures = (reward: MeasuredReward, rate: number): MeasuredReward => ({
  ...reward,
  async measure(pictures, context) {
    const factors = kept(context, rate);
    const scores = await reward.measure(pictures, context);
    return scores.map((score, i) => score * (factors[i] ?? 0));
  },
  dispose: () => reward.dispose(),
});

/**
 * Wraps a reward so that in training each picture's score counts for nothing with probability `rate`, and for
 * `1 / (1 − rate)` of itself otherwise, drawn anew for each batch: reward dropout. Disposing of the wrapper disposes of
 * the reward.
 * @param rate `[0, 1)`; 0 returns the reward itself.
 * @throws DraftError `DRAFT_DROPOUT_INVALID`.
 */
export const withRewardDropout = <Kind extends AnyReward>(reward: Kind, rate: number): Kind => {
  if (!(rate >= 0 && rate < 1)) {
    throw new DraftError(
      'DRAFT_DROPOUT_INVALID',
      `The rate of reward dropout must be in [0, 1), not ${rate}.`,
    );
  }
  if (rate === 0) return reward;
  const wrapped = 'score' in reward ? dropScores(reward, rate) : dropMeasures(reward, rate);
  return wrapped as Kind;
};
