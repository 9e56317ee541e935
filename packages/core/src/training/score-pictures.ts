import { scoreImages } from '../chain/score-images.js';
import type {
  AnyReward,
  MeasuredReward,
  Reward,
  RewardContext,
  WeightedReward,
} from '../contracts/reward.js';
import type { CompiledFunction, Runtime, TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { toPixels } from '../images/to-pixels.js';
import { type Tensor4D, tf } from '../runtime/tf.js';

/** Scores finished pictures by rewards of any kind, without gradient. */
export interface PictureScorer {
  /**
   * @param images `[n, height, width, 3]` in `[0, 1]`; they stay the caller's.
   * @param contextOf What each reward may know about them.
   * @returns One number a picture for each reward, without its weight.
   */
  score(
    images: Tensor4D,
    contextOf: (reward: string) => RewardContext,
  ): Promise<Record<string, readonly number[]>>;
  dispose(): void;
}

const measure = async (name: string, reward: MeasuredReward, images: Tensor4D, context: RewardContext) => {
  const pictures = toPixels(await images.data(), images.shape);
  const scores = await reward.measure(pictures, context);
  if (Array.isArray(scores) && scores.length === pictures.length) return scores;
  const given = Array.isArray(scores) ? `${scores.length} scores` : String(scores);
  throw new DraftError(
    'DRAFT_REWARD_SHAPE',
    `The reward ${name} returned ${given} for ${pictures.length} images: it must return one number an image.`,
  );
};

/** Makes a scorer of rewards, which stay the caller's. */
export const createPictureScorer = (
  runtime: Pick<Runtime, 'compile'>,
  rewards: readonly Omit<WeightedReward<AnyReward>, 'weight'>[],
): PictureScorer => {
  const compiled = new Map<string, CompiledFunction<TensorRecord, TensorRecord>>();
  const compile = (name: string, reward: Reward) => {
    const known = compiled.get(name);
    if (known) return known;
    const made = runtime.compile(`score ${name}`, ({ images, ...prepared }: TensorRecord) => ({
      score: scoreImages(name, reward, images as Tensor4D, prepared),
    }));
    compiled.set(name, made);
    return made;
  };
  const compute = async (name: string, reward: Reward, images: Tensor4D, context: RewardContext) => {
    const prepared = (await reward.prepare?.(context)) ?? {};
    const result = await compile(name, reward)({ ...prepared, images });
    tf.dispose(Object.values(prepared));
    const numbers = Array.from(await result.score!.data());
    tf.dispose(Object.values(result));
    return numbers;
  };
  return {
    async score(images, contextOf) {
      const scores: Record<string, readonly number[]> = {};
      for (const { name, reward } of rewards) {
        const context = contextOf(name);
        scores[name] =
          'measure' in reward
            ? await measure(name, reward, images, context)
            : await compute(name, reward, images, context);
      }
      return scores;
    },
    dispose() {
      for (const each of compiled.values()) each.dispose();
      compiled.clear();
    },
  };
};
