import { tf } from '@draft/core';
import { z } from 'zod';

const options = z.strictObject({
  amount: z.number().min(-1).max(1).default(0.3).describe('How much more red than blue scores highest.'),
});

/**
 * Makes the reward `−(mean red − mean blue − amount)²`, at most 0.
 * @param {z.output<typeof options>} options
 * @returns {import('@draft/core').Reward}
 */
export const createWarmth = ({ amount }) => ({
  differentiable: true,
  perSample: true,
  score: (images) =>
    tf.tidy(() => {
      const [red, , blue] = tf.unstack(tf.mean(images, [1, 2]), 1); // [n] each
      return tf.neg(tf.square(tf.sub(tf.sub(red, blue), amount)));
    }),
  dispose() {},
});

/** @type {import('@draft/core').RewardPlugin<z.output<typeof options>>} */
export default {
  specVersion: 1,
  kind: 'reward',
  name: 'warmth',
  description: 'Rewards pictures in warm colours.',
  options,
  card: {
    measures: 'Minus the squared distance of the excess of red over blue from a wanted amount.',
    range: [-4, 0],
    hacking: 'An orange filter over everything.',
  },
  create: createWarmth,
};
