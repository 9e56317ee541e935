import type { Reward } from '../contracts/reward.js';
import type { TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import type { Tensor1D, Tensor4D } from '../runtime/tf.js';

/**
 * Scores a batch and checks that there is one score per image. Plain tensor code.
 * @param name What messages call the reward.
 * @returns `[n]`.
 * @throws DraftError `DRAFT_REWARD_SHAPE` where the reward returns anything else.
 */
export const scoreImages = (
  name: string,
  reward: Pick<Reward, 'score'>,
  images: Tensor4D,
  prepared: TensorRecord,
): Tensor1D => {
  const score = reward.score(images, prepared);
  const [count] = images.shape;
  if (score?.shape?.length === 1 && score.shape[0] === count) return score;
  const given = score?.shape ? `[${score.shape.join(', ')}]` : String(score);
  throw new DraftError(
    'DRAFT_REWARD_SHAPE',
    `The reward ${name} returned ${given} for ${count} images: its score must be a tensor [${count}], one number an image.`,
  );
};
