import type { AnyReward, Reward } from '../contracts/reward.js';
import { DraftError } from '../errors/draft-error.js';
import { customGradient } from '../primitives/custom-gradient.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';

const key = 'shift.pixels';

/**
 * Moves images along an axis towards its beginning; what comes in repeats the last place. `by` is a whole number `>= 0`.
 * The gradient is given by hand: that of a gather is not there in every back end.
 */
const shiftAlong = (images: Tensor4D, axis: 1 | 2, by: Tensor): Tensor4D => {
  const size = images.shape[axis];
  const last = () => tf.scalar(size - 1, 'int32');
  const places = () => tf.range(0, size, 1, 'int32');
  const mask = (chosen: Tensor): Tensor =>
    tf.reshape(tf.cast(chosen, 'float32'), axis === 1 ? [1, size, 1, 1] : [1, 1, size, 1]);
  return customGradient(
    { images },
    (save) => {
      save([by]);
      return tf.gather(images, tf.minimum(tf.add(places(), by), last()), axis) as Tensor4D;
    },
    (dy, [kept]) => ({
      images: () =>
        tf.tidy(() => {
          const shift = kept as Tensor;
          const back = tf.gather(dy, tf.maximum(tf.sub(places(), shift), tf.scalar(0, 'int32')), axis);
          const own = tf.mul(back, mask(tf.greaterEqual(places(), shift)));
          // The last place is also seen by all that came in.
          const entered = mask(tf.greater(places(), tf.sub(last(), shift)));
          const extra = tf.sum(tf.mul(dy, entered), axis, true);
          return tf.add(own, tf.mul(extra, mask(tf.equal(places(), last()))));
        }),
    }),
  );
};

/** Moves images up and to the left. `shift` is `[2]`, int32. */
const shiftImages = (images: Tensor4D, shift: Tensor): Tensor4D => {
  const [down, right] = tf.unstack(shift) as [Tensor, Tensor];
  return shiftAlong(shiftAlong(images, 1, down), 2, right);
};

const shifted = (reward: Reward, most: number): Reward => ({
  ...reward,
  async prepare(context) {
    const prepared = (await reward.prepare?.(context)) ?? {};
    const source = context.random.child('shift');
    const draw = () => Math.min(most, Math.floor(source.uniform() * (most + 1)));
    return { ...prepared, [key]: tf.tensor1d([draw(), draw()], 'int32') };
  },
  score: (images, { [key]: shift, ...prepared }, adapters) =>
    tf.tidy(() => reward.score(shiftImages(images, shift as Tensor), prepared, adapters)),
  dispose: () => reward.dispose(),
});

/**
 * Wraps a reward so that in training it sees each batch moved by 0 to `most` pixels, drawn anew, up and to the left. A
 * reward that first makes a large picture small looks at the same few of its pixels again and again; moved, it looks at
 * all. Rewards without a gradient stay as they are. Disposing of the wrapper disposes of the reward.
 * @param most A whole number of at least 0, in pixels: `⌈size of the picture / size that the reward looks at⌉`; 0 returns
 * the reward itself.
 * @throws DraftError `DRAFT_SHIFT_INVALID`.
 * @see Wu et al. 2024, Deep Reward Supervisions for Tuning Text-to-Image Diffusion Models (DRTune), on SDXL
 */
export const withPixelShift = <Kind extends AnyReward>(reward: Kind, most: number): Kind => {
  if (!Number.isSafeInteger(most) || most < 0) {
    throw new DraftError(
      'DRAFT_SHIFT_INVALID',
      `The pixel shift must be a whole number of at least 0, not ${most}.`,
    );
  }
  return most === 0 || !('score' in reward) ? reward : (shifted(reward, most) as unknown as Kind);
};
